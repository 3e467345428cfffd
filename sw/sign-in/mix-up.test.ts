/** Which portal a response belongs to, by the redirect URI that it came to. */
import { expect, test } from 'vitest';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { resolvePortals } from '../portals/portal.js';
import type { Portal } from '../portals/portal.js';
import { isRedirectUriOfAnother } from './mix-up.js';

const portals = resolvePortals(
  ['/a.html', '/b.html', '/shared.html', '/shared.html', OUT_OF_BAND].map((redirectUri, index) =>
    arcgisEnterprise({ url: `https://gis${index}.example/portal`, clientId: 'app', redirectUri }),
  ),
  'https://app.example/',
) as [Portal, Portal, Portal, Portal, Portal];
const [a, b, first, second, outOfBand] = portals;

test.each<[name: string, path: string, asked: Portal, expected: boolean]>([
  ['its own', '/a.html', a, false],
  ['another’s', '/b.html', a, true],
  ['another’s, the other way round', '/a.html', b, true],
  ['one that it shares', '/shared.html', second, false],
  ['one that others share', '/shared.html', a, true],
  ['one of nobody: a server has rewritten it', '/a', a, false],
  ['another’s, though it has none', '/a.html', outOfBand, true],
])('%s', (_, path, asked, expected) => {
  expect(isRedirectUriOfAnother(`https://app.example${path}`, asked, portals)).toBe(expected);
});

test('of a code that the user has pasted nothing is known', () => {
  expect(isRedirectUriOfAnother(undefined, first, portals)).toBe(false);
});
