// The style and the root document of the vector tile service. All addresses are relative, as ArcGIS writes them.
import { countryColours } from '../features/countries-layer.js';
import { mercatorExtent, webMercator } from '../features/feature-layer.js';
import { halfWorldM, maxLatitude } from '../mercator.js';
import { maxTileZoom } from './vector-tiles.js';

export const styleJson: Record<string, unknown> = {
  version: 8,
  name: 'Countries',
  // Relative to this document, resources/styles/root.json.
  sprite: '../sprites/sprite',
  glyphs: '../fonts/{fontstack}/{range}.pbf',
  sources: { esri: { type: 'vector', url: '../../' } },
  layers: [
    {
      id: 'country-fill',
      type: 'fill',
      source: 'esri',
      'source-layer': 'countries',
      paint: {
        'fill-color': [
          'match',
          ['get', 'COLOUR'],
          ...countryColours.flatMap((hex, i) => [i, hex]),
          '#cccccc',
        ],
        'fill-opacity': 0.55,
        'fill-antialias': false,
      },
    },
    {
      id: 'border-casing',
      type: 'line',
      source: 'esri',
      'source-layer': 'borders',
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': '#ffffff',
        'line-opacity': 0.6,
        'line-width': ['interpolate', ['linear'], ['zoom'], 1, 1.2, 6, 4],
      },
    },
    {
      id: 'border',
      type: 'line',
      source: 'esri',
      'source-layer': 'borders',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': '#6f6a78', 'line-width': ['interpolate', ['linear'], ['zoom'], 1, 0.5, 6, 1.4] },
    },
    {
      id: 'country-dot',
      type: 'symbol',
      source: 'esri',
      'source-layer': 'labels',
      minzoom: 3,
      layout: { 'icon-image': 'country-dot' },
    },
  ],
};

/** The service resource: `Countries/VectorTileServer?f=json`. */
export function vectorServiceJson(): Record<string, unknown> {
  const extent = mercatorExtent([-180, -maxLatitude, 180, maxLatitude]);
  return {
    currentVersion: 11.3,
    name: 'Countries',
    capabilities: 'TilesOnly',
    type: 'indexedVector',
    defaultStyles: 'resources/styles',
    tiles: ['tile/{z}/{y}/{x}.pbf'],
    exportTilesAllowed: false,
    initialExtent: extent,
    fullExtent: extent,
    minScale: 295_828_763.8,
    maxScale: 295_828_763.8 / 2 ** maxTileZoom,
    minLOD: 0,
    maxLOD: maxTileZoom,
    minzoom: 0,
    maxzoom: maxTileZoom,
    tileInfo: {
      rows: 512,
      cols: 512,
      dpi: 96,
      format: 'pbf',
      origin: { x: -halfWorldM, y: halfWorldM },
      spatialReference: webMercator,
      lods: Array.from({ length: maxTileZoom + 1 }, (_, level) => {
        const resolution = (2 * halfWorldM) / 512 / 2 ** level;
        return { level, resolution, scale: (resolution * 96) / 0.0254 };
      }),
    },
    resourceInfo: {
      styleVersion: 8,
      tileCompression: 'none',
      cacheInfo: { storageInfo: { packetSize: 128 } },
    },
  };
}
