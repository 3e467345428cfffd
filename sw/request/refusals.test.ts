/** Services that refuse new tokens: remembered per service and token, for a while. */
import { beforeEach, expect, test } from 'vitest';
import { Refusals } from './refusals.js';
import { serviceOf } from './service.js';

const layer = (path: string): URL => new URL(`https://gis.example.org/server/rest/services/${path}`);
const query = layer('Roads/FeatureServer/0/query?f=json');

let nowMs: number;
let refusals: Refusals;

beforeEach(() => {
  nowMs = 1_000_000;
  refusals = new Refusals(() => nowMs);
  refusals.note(query, 'new-token');
});

test.each<[name: string, url: URL, token: string, isKnown: boolean]>([
  ['the same request', query, 'new-token', true],
  ['another layer of the service', layer('Roads/FeatureServer/1'), 'new-token', true],
  ['another service', layer('Rivers/FeatureServer/0/query?f=json'), 'new-token', false],
  ['the service of the same name and another type', layer('Roads/MapServer'), 'new-token', false],
  ['another host', new URL(query.href.replace('gis.', 'gis2.')), 'new-token', false],
  ['another token', query, 'other-token', false],
])('%s: known %s', (_, url, token, isKnown) => {
  expect(refusals.has(url, token)).toBe(isKnown);
});

test('is believed for a minute, by a clock that goes forward', () => {
  nowMs += 59_999;
  expect(refusals.has(query, 'new-token')).toBe(true);
  nowMs += 1;
  expect(refusals.has(query, 'new-token')).toBe(false);
  nowMs = 0;
  expect(refusals.has(query, 'new-token')).toBe(false);
});

test.each([
  [
    'https://a.example/server/rest/services/x/MapServer/tile/1/2/3',
    'https://a.example/server/rest/services/x/MapServer',
  ],
  [
    'https://a.example/server/rest/services/f/x/FeatureServer?f=json',
    'https://a.example/server/rest/services/f/x/FeatureServer',
  ],
  [
    'https://a.example/portal/sharing/rest/content/items/1a2b/data',
    'https://a.example/portal/sharing/rest/content/items/1a2b',
  ],
  ['https://a.example/api/tiles/1', 'https://a.example/api/tiles/1'],
])('the service of %s', (url, service) => {
  expect(serviceOf(new URL(url))).toBe(service);
});
