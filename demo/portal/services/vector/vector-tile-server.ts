// Routes the operations of the VectorTileServer: root, style, sprites, glyphs, tiles.
import { PbfWriter } from 'pbf';
import { bytesResponse, jsonResponse } from '../responses.js';
import type { ServiceResponse, ServiceRequest } from '../service-request.js';
import { spriteJson, spritePng } from './sprite.js';
import { styleJson, vectorServiceJson } from './vector-style.js';
import { maxTileZoom, vectorTile } from './vector-tiles.js';

const tilePath = /^tile\/(\d+)\/(\d+)\/(\d+)\.pbf$/;
const spritePath = /^resources\/sprites\/sprite(@2x)?\.(json|png)$/;
const glyphPath = /^resources\/fonts\/([^/]+)\/(\d+)-(\d+)\.pbf$/;

// Resources are JSON files, served as such whatever `f` says.
const jsonFile = (request: ServiceRequest, value: unknown): ServiceResponse =>
  bytesResponse(Buffer.from(JSON.stringify(value)), 'application/json; charset=utf-8');

/** A font stack without glyphs: the style has no text, but clients may request glyphs. */
function emptyGlyphs(fontstack: string, first: string, last: string): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeMessage(
    1,
    (_: null, stack) => {
      stack.writeStringField(1, fontstack);
      stack.writeStringField(2, `${first}-${last}`);
    },
    null,
  );
  return pbf.finish();
}

function tileResponse(request: ServiceRequest, [z, y, x]: readonly number[]): ServiceResponse | undefined {
  if (z! > maxTileZoom || x! >= 2 ** z! || y! >= 2 ** z!) return undefined;
  return bytesResponse(vectorTile(z!, x!, y!), 'application/x-protobuf');
}

/** The VectorTileServer of the countries. */
export function vectorTileServer(rest: string, request: ServiceRequest): ServiceResponse | undefined {
  // Map libraries request it as the style names it, without a format.
  if (rest === '') {
    return request.params.has('f')
      ? jsonResponse(request, vectorServiceJson())
      : jsonFile(request, vectorServiceJson());
  }
  if (rest === 'resources/styles' || rest === 'resources/styles/root.json')
    return jsonFile(request, styleJson);
  const tile = tilePath.exec(rest);
  if (tile) return tileResponse(request, tile.slice(1).map(Number));
  const sprite = spritePath.exec(rest);
  if (sprite) {
    const pixelRatio = sprite[1] === undefined ? 1 : 2;
    return sprite[2] === 'json'
      ? jsonFile(request, spriteJson(pixelRatio))
      : bytesResponse(spritePng(pixelRatio), 'image/png');
  }
  const glyphs = glyphPath.exec(rest);
  if (!glyphs) return undefined;
  const [, fontstack, first, last] = glyphs;
  return bytesResponse(emptyGlyphs(fontstack!, first!, last!), 'application/x-protobuf');
}
