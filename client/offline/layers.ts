/** What can be saved of an area: the kinds of layers, as an app names them. */
import type { BoundingBox } from '../../protocol/areas.js';

/** Levels of a layer, where they are others than the area's. */
export interface ZoomRange {
  /** Lowest level of the tiles' addresses. Default: the area's. */
  readonly minZoom?: number;
  /** Highest level of the tiles' addresses. Default: the area's. */
  readonly maxZoom?: number;
}

/** Tiles of Web Mercator at an address with placeholders. */
export interface TileLayer extends ZoomRange {
  readonly type: 'tiles';
  /** With `{z}`, `{x}` and `{y}`, or ArcGIS's `{level}`, `{col}` and `{row}`; `{-y}` counts from the south (TMS). */
  readonly url: string;
}

/** A cached MapServer or ImageServer. Its tiling scheme is read from the service. */
export interface MapServerLayer extends ZoomRange {
  readonly type: 'map-server';
  /** Of the service, without a query. */
  readonly url: string;
  /** What the app's map library adds to each tile's address, such as `blankTile=false`. */
  readonly query?: string;
}

/** A VectorTileServer: its tiles, style, sprites and glyphs. */
export interface VectorTileLayer extends ZoomRange {
  readonly type: 'vector-tiles';
  /** Of the service, without a query. */
  readonly url: string;
  /** Address of the style, relative to the service. Default `resources/styles/root.json`. */
  readonly style?: string;
  /** Ranges of Unicode that are saved of each font. Default: Latin letters and punctuation. */
  readonly glyphRanges?: readonly string[];
}

/** Features of a layer, in pages. The app asks for them at the addresses that {@link featurePages} names. */
export interface FeatureLayerSource {
  /** Of the layer, such as `…/FeatureServer/0`, without a query. */
  readonly url: string;
  /** Default `1=1`: all features. */
  readonly where?: string;
  /** Default `*`: all fields. */
  readonly outFields?: string;
  /** Default `geojson`. */
  readonly format?: 'geojson' | 'json' | 'pbf';
  /** Well-known id of the spatial reference of the geometry. Default 4326; GeoJSON has no other. */
  readonly outSR?: number;
  /** Features of a page. Default: as many as the layer gives at once. */
  readonly pageSize?: number;
}

/** Features of a layer inside the area. */
export interface FeatureLayer extends FeatureLayerSource {
  readonly type: 'features';
}

/** Single addresses, as the app requests them: a description, a picture, a query that the app writes itself. */
export interface RequestList {
  readonly type: 'requests';
  readonly urls: readonly string[];
}

/** A layer of an area. */
export type AreaLayer = TileLayer | MapServerLayer | VectorTileLayer | FeatureLayer | RequestList;

/** What an area has. */
export interface AreaContent {
  /**
   * West, south, east, north, in degrees. Where west is greater than east the box crosses the antimeridian; longitudes beyond
   * ±180°, as maps that repeat the world report them, mean the same place.
   */
  readonly bbox: BoundingBox;
  /** Lowest and highest level of the tiles' addresses. Not the map's zoom where tiles are smaller than 512 pixels. */
  readonly minZoom: number;
  readonly maxZoom: number;
  readonly layers: readonly AreaLayer[];
}
