import { describe, expect, test } from 'vitest';
import { redactMethod, redactUrl } from './redact-url.js';

const redacted = (path: string): string =>
  redactUrl(new URL(path, 'https://user:pass@gis.example.org')).slice('https://gis.example.org'.length);

describe('what people have named stays', () => {
  test.each([
    '/arcgis/rest/services/Countries/FeatureServer/0/query',
    '/server/rest/services/World_Imagery_2020/MapServer/tile/12/1405/2147',
    '/portal/sharing/rest/portals/self',
    '/server/rest/services/Utilities/PrintingTools/GPServer/Export%20Web%20Map%20Task/execute',
    '/arcgis/rest/services/COVID19/ImageServer/exportImage',
    '/server/rest/services/地図/MapServer',
    '/signed-in.html',
    '/',
  ])('%s', (path) => expect(redacted(path)).toBe(decodeURIComponent(path)));
});

describe('what may be a secret does not', () => {
  test.each([
    ['/rest/aB3xK9mQ2wE7rT5y/layer', '/rest/…/layer'],
    ['/rest/kXvQzPmRtYwLbN/layer', '/rest/…/layer'],
    ['/rest/%61%42%33%78%4b%39%6d%51/layer', '/rest/…/layer'],
    ['/rest/%2561%2542%2533/layer', '/rest/…/layer'],
    ['/rest/eyJhbGciOi.eyJzdWIi.c2ln/layer', '/rest/…/layer'],
    ['/rest;token=short/layer', '/…/layer'],
    ['/rest/token=short/layer', '/rest/…/layer'],
    ['/rest/token/short/layer', '/rest/token/…/layer'],
    ['/rest/API_KEY/short', '/rest/API_KEY/…'],
    ['/rest/access-token/short', '/rest/access-token/…'],
    ['/rest/user:short@layer', '/rest/…'],
    ['/rest/aaaaaaaaaaaaaaaaaaaaaaaaa', '/rest/…'],
    ['/rest/1234567890123', '/rest/…'],
    ['/rest/550e8400-e29b-41d4-a716-446655440000', '/rest/…'],
    ['/rest/%E0%A4%A', '/…'],
    ['/items/0123456789abcdef0123456789abcdef/data', '/items/0123…/data'],
    ['/token/0123456789abcdef0123456789abcdef', '/token/…'],
    ['/query?token=short#code=short', '/query'],
  ])('%s', (path, expected) => expect(redacted(path)).toBe(expected));
});

test('methods are those that somebody has defined', () => {
  expect(['GET', 'PROPFIND', 'get', 'aB3xK9', 'AB3', 'A-B', 'X'.repeat(20)].map(redactMethod)).toEqual([
    'GET',
    'PROPFIND',
    ...Array<string>(5).fill('…'),
  ]);
});

test('long paths take linear time', () => {
  for (const text of ['aB', '/', '%25', '=', 'aB/', '_', '9a']) {
    const startedAtMs = performance.now();
    redacted(`/x${text.repeat(100_000)}`);
    expect(performance.now() - startedAtMs, text).toBeLessThan(500);
  }
});
