// Routes the operations of a cached MapServer: tiles, export, and the JSON that describes them.
import { EnvelopeError, bytesResponse, envelopeResponse, jsonResponse } from '../responses.js';
import { toMetres } from '../mercator.js';
import type { ServiceResponse, ServiceHandler, ServiceRequest } from '../service-request.js';
import { identify } from './identify.js';
import {
  layersJson,
  legendJson,
  layerJson,
  mapServiceJson,
  maxExportPx,
  maxZoom,
  webMercator,
  type MapSource,
} from './map-json.js';
import { encodePng } from './png.js';
import { boxView, tileView } from './view.js';

const maxCachedTiles = 600;

const refusal = (detail: string): EnvelopeError =>
  new EnvelopeError(400, 'Invalid or missing input parameters.', [detail]);

function numbersOf(text: string | null, count: number): number[] | undefined {
  const numbers = text?.split(',').map(Number) ?? [];
  return numbers.length === count && numbers.every(Number.isFinite) ? numbers : undefined;
}

/** `bbox`: two opposite corners. Like ArcGIS Server, it takes them in any order. */
function boxOf(text: string | null): [number, number, number, number] {
  const [x1, y1, x2, y2] = numbersOf(text, 4) ?? [];
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined || x1 === x2 || y1 === y2)
    throw refusal("'bbox' must be xmin,ymin,xmax,ymax.");
  return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
}

/** `export`: the picture, or JSON with its address (`href`). */
function exportResponse(source: MapSource, request: ServiceRequest): ServiceResponse {
  const { params, path, rootUrl } = request;
  const box = boxOf(params.get('bbox'));
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
    ? [...toMetres([box[0], box[1]]), ...toMetres([box[2], box[3]])]
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

function described(
  source: MapSource,
  operation: string,
  request: ServiceRequest,
): ServiceResponse | undefined {
  switch (operation) {
    case 'export':
      return exportResponse(source, request);
    case 'identify':
      return jsonResponse(request, identify(source, request.params));
    case 'layers':
      return jsonResponse(request, layersJson(source));
    case 'legend':
      return jsonResponse(request, legendJson(source));
    case '0':
      return jsonResponse(request, layerJson(source));
    default:
      return undefined;
  }
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
      return parts.length === 0 ? described(source, operation, request) : undefined;
    } catch (error) {
      if (error instanceof EnvelopeError) return envelopeResponse(request, error);
      throw error;
    }
  };
}
