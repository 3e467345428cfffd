// Routes the operations of a cached MapServer: tiles, export, and the JSON that describes them.
import { EnvelopeError, bytesResponse, envelopeResponse, jsonResponse } from '../responses.js';
import { halfWorldM, toMetres } from '../mercator.js';
import type { ServiceResponse, ServiceHandler, ServiceRequest } from '../service-request.js';
import { encodePng } from './png.js';
import { boxView, tileView, type View } from './view.js';

interface MapSource {
  name: string;
  description: string;
  copyright: string;
  /** Draws a view as RGBA; `params` may choose a style. */
  draw: (view: View, params: URLSearchParams) => Uint8Array;
  /** Part of the cache key: whatever in `params` changes the picture. */
  variantOf: (params: URLSearchParams) => string;
  cacheControl: string;
}

/** Deeper tiles would only enlarge lines drawn for 1:50 million. */
const maxZoom = 12;
const maxCachedTiles = 600;
const maxExportPx = 2048;
const webMercator = { wkid: 102100, latestWkid: 3857 } as const;

function mapServiceJson({ name, description, copyright }: MapSource): Record<string, unknown> {
  const extent = {
    xmin: -halfWorldM,
    ymin: -halfWorldM,
    xmax: halfWorldM,
    ymax: halfWorldM,
    spatialReference: webMercator,
  };
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
    capabilities: 'Map,TilesOnly',
    exportTilesAllowed: false,
    maxImageHeight: maxExportPx,
    maxImageWidth: maxExportPx,
  };
}

const refusal = (detail: string): EnvelopeError =>
  new EnvelopeError(400, 'Invalid or missing input parameters.', [detail]);

function numbersOf(text: string | null, count: number): number[] | undefined {
  const numbers = text?.split(',').map(Number) ?? [];
  return numbers.length === count && numbers.every(Number.isFinite) ? numbers : undefined;
}

/** `export`: the picture, or JSON with its address (`href`). */
function exportResponse(source: MapSource, request: ServiceRequest): ServiceResponse {
  const { params, path, rootUrl } = request;
  const box = numbersOf(params.get('bbox'), 4);
  if (!box || box[0]! >= box[2]! || box[1]! >= box[3]!) throw refusal("'bbox' must be xmin,ymin,xmax,ymax.");
  const [width, height] = (numbersOf(params.get('size') ?? '400,400', 2) ?? []).map(Math.round);
  if (
    width === undefined ||
    height === undefined ||
    Math.min(width, height) < 1 ||
    Math.max(width, height) > maxExportPx
  ) {
    throw refusal(`'size' must be width,height of at most ${maxExportPx} pixels.`);
  }
  if (/\b4326\b/.test(params.get('imageSR') ?? '')) throw refusal("'imageSR' must be 102100.");
  const inMetres = /\b4326\b/.test(params.get('bboxSR') ?? '')
    ? [...toMetres([box[0]!, box[1]!]), ...toMetres([box[2]!, box[3]!])]
    : box;
  if (params.get('f') !== 'image') {
    const address = new URLSearchParams(params);
    address.set('f', 'image');
    address.delete('callback');
    const [xmin, ymin, xmax, ymax] = inMetres;
    return jsonResponse(request, {
      href: `${rootUrl}/${path}?${address.toString()}`,
      width,
      height,
      extent: { xmin, ymin, xmax, ymax, spatialReference: webMercator },
      scale: (((xmax! - xmin!) / width) * 96) / 0.0254,
    });
  }
  const png = encodePng(source.draw(boxView(inMetres, width, height), params), width, height);
  return bytesResponse(png, 'image/png', { cacheControl: source.cacheControl });
}

/** A MapServer over a drawing function, with its own memory of recent tiles. */
export function mapServer(source: MapSource): ServiceHandler {
  // A Map keeps insertion order: re-inserting on use makes its first key the least recently used.
  const recent = new Map<string, Uint8Array>();

  const tilePng = (z: number, x: number, y: number, params: URLSearchParams): Uint8Array => {
    const key = `${source.variantOf(params)}/${z}/${y}/${x}`;
    const png = recent.get(key) ?? encodePng(source.draw(tileView(z, x, y), params), 256, 256);
    recent.delete(key);
    recent.set(key, png);
    if (recent.size > maxCachedTiles) recent.delete(recent.keys().next().value!);
    return png;
  };

  const tileResponse = (request: ServiceRequest, parts: readonly string[]): ServiceResponse | undefined => {
    const [z = -1, y = -1, x = -1] = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : -1));
    const isInScheme =
      parts.length === 3 && z >= 0 && z <= maxZoom && x >= 0 && y >= 0 && x < 2 ** z && y < 2 ** z;
    if (!isInScheme) return undefined;
    return bytesResponse(tilePng(z, x, y, request.params), 'image/png', {
      cacheControl: source.cacheControl,
    });
  };

  return (rest, request) => {
    const [operation, ...parts] = rest.split('/').filter((part) => part !== '');
    try {
      if (operation === undefined) return jsonResponse(request, mapServiceJson(source));
      if (operation === 'tile') return tileResponse(request, parts);
      if (operation === 'export' && parts.length === 0) return exportResponse(source, request);
      return undefined;
    } catch (error) {
      if (error instanceof EnvelopeError) return envelopeResponse(request, error);
      throw error;
    }
  };
}
