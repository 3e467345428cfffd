// A feature layer, and the JSON descriptions of it and its service.
import { toMetres } from '../mercator.js';
import type { Box, Position, Ring } from '../shapes.js';

export type AttributeValue = string | number | null;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface Field {
  name: string;
  alias: string;
  type:
    | 'esriFieldTypeOID'
    | 'esriFieldTypeString'
    | 'esriFieldTypeInteger'
    | 'esriFieldTypeDouble'
    | 'esriFieldTypeDate';
  /** Maximum length of strings. */
  length?: number;
}

export type Shape =
  | { kind: 'point'; position: Position }
  | {
      kind: 'polygon';
      polygons: readonly (readonly Ring[])[];
      /** A generalized version for small scales, where there is one. */
      generalised?: readonly (readonly Ring[])[] | undefined;
      box: Box;
    };

export interface Feature {
  objectId: number;
  attributes: Attributes;
  shape: Shape;
}

export interface Attachment {
  id: number;
  name: string;
  contentType: string;
  /** Draws the file. The bytes are the same each time. */
  content: () => Uint8Array;
}

export interface FeatureLayer {
  name: string;
  description: string;
  copyright: string;
  displayField: string;
  geometryType: 'esriGeometryPoint' | 'esriGeometryPolygon';
  fields: readonly Field[];
  features: readonly Feature[];
  renderer: Record<string, unknown>;
  /** Present on layers with attachments. */
  attachmentsOf?: (feature: Feature) => readonly Attachment[];
}

/** The id field of every layer. */
export const objectIdField: Field = { name: 'OBJECTID', alias: 'Object id', type: 'esriFieldTypeOID' };

/** Maximum number of features in a query response; `resultOffset` gets more. */
export const maxRecordCount = 1000;

export const webMercator = { wkid: 102100, latestWkid: 3857 } as const;

/** Box of a layer's features in degrees. */
export function layerBox({ features }: Pick<FeatureLayer, 'features'>): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { shape } of features) {
    const box: Box = shape.kind === 'point' ? [...shape.position, ...shape.position] : shape.box;
    [west, south] = [Math.min(west, box[0]), Math.min(south, box[1])];
    [east, north] = [Math.max(east, box[2]), Math.max(north, box[3])];
  }
  return [west, south, east, north];
}

/** A box in degrees as an ArcGIS extent in Web Mercator metres. */
export function mercatorExtent([west, south, east, north]: Box): Record<string, unknown> {
  const [xmin, ymin] = toMetres([west, south]);
  const [xmax, ymax] = toMetres([east, north]);
  return { xmin, ymin, xmax, ymax, spatialReference: webMercator };
}

const capabilities = 'Query,Extract';
const supportedQueryFormats = 'JSON, geoJSON, PBF';

const fieldJson = (field: Field): Record<string, unknown> => ({
  ...field,
  nullable: field.type !== 'esriFieldTypeOID',
  editable: false,
  domain: null,
  defaultValue: null,
});

/** The service resource: `{name}/FeatureServer?f=json`. */
export function serviceJson(layer: FeatureLayer): Record<string, unknown> {
  const extent = mercatorExtent(layerBox(layer));
  return {
    currentVersion: 11.3,
    serviceDescription: layer.description,
    hasVersionedData: false,
    maxRecordCount,
    supportedQueryFormats,
    capabilities,
    description: layer.description,
    copyrightText: layer.copyright,
    spatialReference: webMercator,
    initialExtent: extent,
    fullExtent: extent,
    units: 'esriMeters',
    allowGeometryUpdates: false,
    layers: [
      { id: 0, name: layer.name, type: 'Feature Layer', geometryType: layer.geometryType, parentLayerId: -1 },
    ],
    tables: [],
  };
}

/** The layer resource: `{name}/FeatureServer/0?f=json`. */
export function layerJson(layer: FeatureLayer): Record<string, unknown> {
  return {
    currentVersion: 11.3,
    id: 0,
    name: layer.name,
    type: 'Feature Layer',
    description: layer.description,
    copyrightText: layer.copyright,
    displayField: layer.displayField,
    objectIdField: objectIdField.name,
    uniqueIdField: { name: objectIdField.name, isSystemMaintained: true },
    globalIdField: '',
    geometryType: layer.geometryType,
    hasAttachments: layer.attachmentsOf !== undefined,
    hasZ: false,
    hasM: false,
    maxRecordCount,
    standardMaxRecordCount: maxRecordCount,
    supportedQueryFormats,
    supportsCoordinatesQuantization: true,
    supportsAdvancedQueries: true,
    supportsPagination: true,
    supportsExceedsLimitStatistics: true,
    advancedQueryCapabilities: {
      supportsPagination: true,
      supportsOrderBy: true,
      supportsReturningQueryExtent: true,
      supportsSqlExpression: false,
      supportsStatistics: false,
      supportsDistinct: false,
      supportsQueryAttachments: layer.attachmentsOf !== undefined,
    },
    useStandardizedQueries: true,
    capabilities,
    minScale: 0,
    maxScale: 0,
    extent: mercatorExtent(layerBox(layer)),
    drawingInfo: { renderer: layer.renderer, transparency: 0 },
    fields: layer.fields.map(fieldJson),
  };
}
