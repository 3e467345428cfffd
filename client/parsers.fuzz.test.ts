/** What users paste, and what services say of themselves to a page that saves an area. */
import { afterEach, beforeEach, vi } from 'vitest';
import { fuzz, SECRET } from '../protocol/fuzz.test-support.js';
import { IdentityError } from '../protocol/identity-error.js';
import { addressesOf, type AddressGroup } from './offline/addresses.js';
import type { AreaLayer } from './offline/layers.js';
import { pastedCode } from './sign-in/pasted-code.js';

const url = 'https://gis.example.org/arcgis/rest/services/Roads/VectorTileServer';

/** What the server answers to every request. */
let answer = '';
beforeEach(() => {
  vi.stubGlobal('document', { baseURI: 'https://app.example/' });
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(answer)));
});
afterEach(() => void vi.unstubAllGlobals());

const addressesWith =
  (layer: AreaLayer) =>
  (text: string): Promise<readonly AddressGroup[]> => {
    answer = text;
    const content = { bbox: [7, 46, 8, 47] as const, minZoom: 0, maxZoom: 3, layers: [layer] };
    return addressesOf(content, undefined);
  };

/** Every group can be counted, and its first and last addresses are some. */
const areAddresses = (groups: readonly AddressGroup[]): boolean =>
  groups.every(
    ({ count, at }) =>
      Number.isSafeInteger(count) && [0, count - 1].every((index) => new URL(at(index), url).href !== ''),
  );

const webMercator = { wkid: 102_100, latestWkid: 3857 };
const service = {
  tileInfo: {
    rows: 256,
    cols: 256,
    origin: { x: -20_037_508.342787, y: 20_037_508.342787 },
    spatialReference: webMercator,
    lods: [{ level: 0, resolution: 156_543.03392800014, scale: 591_657_527.591555 }],
  },
  fullExtent: { xmin: 0, ymin: 5e6, xmax: 1e6, ymax: 6e6, spatialReference: webMercator },
  minScale: 0,
  maxScale: 0,
};

fuzz([
  {
    name: 'pasted codes',
    valid: [
      SECRET,
      `SUCCESS code=${SECRET}`,
      `https://app.example/signed-in.html?code=${SECRET}&state=s`,
      ' “Code: abc” ',
      '?error=access_denied',
    ],
    parse: pastedCode,
    check: (code: string | undefined) => code === undefined || /^[\x21-\x7E]+$/.test(code),
  },
  {
    name: 'descriptions of cached services',
    isSlow: true,
    valid: [JSON.stringify(service), '{"error":{"code":500}}'],
    parse: addressesWith({ type: 'map-server', url }),
    errors: [IdentityError],
    check: areAddresses,
  },
  {
    name: 'descriptions and styles of vector tiles',
    isSlow: true,
    valid: [
      JSON.stringify({
        ...service,
        tiles: ['tile/{z}/{y}/{x}.pbf'],
        sprite: [{ url: '../sprites/sprite' }, '../sprites/other'],
        glyphs: '../fonts/{fontstack}/{range}.pbf',
        layers: [{ layout: { 'text-font': ['literal', ['Arial Regular']] } }],
      }),
    ],
    parse: addressesWith({ type: 'vector-tiles', url }),
    errors: [IdentityError],
    check: areAddresses,
  },
  {
    name: 'descriptions and counts of features',
    isSlow: true,
    valid: [
      JSON.stringify({
        maxRecordCount: 1000,
        advancedQueryCapabilities: { supportsPagination: true },
        count: 2500,
      }),
    ],
    parse: addressesWith({ type: 'features', url }),
    errors: [IdentityError],
    check: areAddresses,
  },
]);
