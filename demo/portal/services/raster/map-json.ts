// The JSON descriptions of a cached MapServer, of its layer and of its legend.
import { halfWorldM } from '../mercator.js';
import { encodePng } from './png.js';
import type { View } from './view.js';

export interface MapSource {
  name: string;
  description: string;
  copyright: string;
  /** What the pictures show, by colour (red, green, blue), for the legend. */
  legend: readonly (readonly [label: string, colour: readonly [number, number, number]])[];
  /** Draws a view as RGBA; `params` may choose a style. */
  draw: (view: View, params: URLSearchParams) => Uint8Array;
  /** Part of the cache key: whatever in `params` changes the picture. */
  variantOf: (params: URLSearchParams) => string;
  cacheControl: string;
}

/** Deeper tiles would only enlarge lines drawn for 1:50 million. */
export const maxZoom = 12;
export const maxExportPx = 2048;
export const webMercator = { wkid: 102100, latestWkid: 3857 } as const;

const extent = {
  xmin: -halfWorldM,
  ymin: -halfWorldM,
  xmax: halfWorldM,
  ymax: halfWorldM,
  spatialReference: webMercator,
} as const;

/** The service resource: `{name}/MapServer?f=json`. */
export function mapServiceJson({ name, description, copyright }: MapSource): Record<string, unknown> {
  const metresPerPixel = (2 * halfWorldM) / 256;
  return {
    currentVersion: 11.3,
    mapName: name,
    serviceDescription: description,
    description,
    copyrightText: copyright,
    supportsDynamicLayers: false,
    spatialReference: webMercator,
    singleFusedMapCache: true,
    tileInfo: {
      rows: 256,
      cols: 256,
      dpi: 96,
      format: 'PNG32',
      compressionQuality: 0,
      origin: { x: -halfWorldM, y: halfWorldM },
      spatialReference: webMercator,
      lods: Array.from({ length: maxZoom + 1 }, (_, level) => ({
        level,
        resolution: metresPerPixel / 2 ** level,
        // 96 pixels to the inch, 0.0254 metres to the inch.
        scale: ((metresPerPixel / 2 ** level) * 96) / 0.0254,
      })),
    },
    layers: [
      {
        id: 0,
        name,
        parentLayerId: -1,
        defaultVisibility: true,
        subLayerIds: null,
        minScale: 0,
        maxScale: 0,
      },
    ],
    tables: [],
    initialExtent: extent,
    fullExtent: extent,
    minScale: 591_657_527.59,
    maxScale: 0,
    units: 'esriMeters',
    supportedImageFormatTypes: 'PNG32,PNG',
    capabilities: 'Map,Query,Data',
    exportTilesAllowed: false,
    maxImageHeight: maxExportPx,
    maxImageWidth: maxExportPx,
  };
}

/** The layer resource: `{name}/MapServer/0?f=json`. */
export function layerJson({ name, description, copyright }: MapSource): Record<string, unknown> {
  return {
    currentVersion: 11.3,
    id: 0,
    name,
    type: 'Raster Layer',
    description,
    copyrightText: copyright,
    geometryType: null,
    defaultVisibility: true,
    parentLayer: null,
    subLayers: [],
    minScale: 0,
    maxScale: 0,
    extent,
    displayField: '',
    fields: null,
    hasAttachments: false,
    capabilities: 'Map,Query,Data',
  };
}

/** `{name}/MapServer/layers`. */
export const layersJson = (source: MapSource): Record<string, unknown> => ({
  layers: [layerJson(source)],
  tables: [],
});

const swatchPx = 20;

function swatch([red, green, blue]: readonly [number, number, number]): Uint8Array {
  const pixels = new Uint8Array(swatchPx * swatchPx * 4);
  for (let at = 0; at < pixels.length; at += 4) pixels.set([red, green, blue, 255], at);
  return encodePng(pixels, swatchPx, swatchPx);
}

/** `{name}/MapServer/legend`. */
export function legendJson({ name, legend }: MapSource): Record<string, unknown> {
  return {
    layers: [
      {
        layerId: 0,
        layerName: name,
        layerType: 'Raster Layer',
        minScale: 0,
        maxScale: 0,
        legend: legend.map(([label, colour], i) => ({
          label,
          url: `${name}-${i}`,
          imageData: Buffer.from(swatch(colour)).toString('base64'),
          contentType: 'image/png',
          height: swatchPx,
          width: swatchPx,
        })),
      },
    ],
  };
}
