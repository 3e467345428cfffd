/** Whether a request is signed, decided synchronously: matched, perhaps matched, or left to the browser. */
import { describe, expect, test } from 'vitest';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { oauthServer } from '../portals/oauth-server.js';
import { resolvePortals } from '../portals/portal.js';
import { Discovery } from '../parts/federation.js';
import { PortalIndex } from '../portals/portal-index.js';
import type { Store } from '../storage/store.js';
import { matchRequest, type RequestMatch } from './match-request.js';

const base = { clientId: 'app', redirectUri: '/signed-in.html' };
const NOW_MS = 1_700_000_000_000;
const foreign = 'https://foreign.example.org/server';

function ask(
  url: string,
  init: RequestInit & { isNavigation?: boolean } = {},
  registrations = [arcgisEnterprise({ ...base, url: 'https://gis.example.org/portal' })],
): RequestMatch | undefined {
  const portalIndex = new PortalIndex(resolvePortals(registrations, 'https://app.example/'));
  const discovery = new Discovery(() => NOW_MS);
  const store = { state: () => ({ servers: [{ root: foreign, portal: null, checkedAtMs: NOW_MS }] }) };
  discovery.restore({ portalIndex, store: store as unknown as Store });
  const { isNavigation = false, ...rest } = init;
  const request = new Request(url, rest);
  // A navigation cannot be made by script.
  return matchRequest(
    isNavigation ? ({ mode: 'navigate', headers: request.headers } as Request) : request,
    new URL(url),
    portalIndex,
    (at) => discovery.unknownServerOf(at),
  );
}

const shared = 'https://gis.example.org/portal/sharing/rest/portals/self';

test('a request under a registration is matched', () => {
  expect(ask(shared)).toMatchObject({ target: { portal: { url: 'https://gis.example.org/portal' } } });
});

describe('left to the browser', () => {
  test.each<[name: string, url: string, init?: RequestInit & { isNavigation?: boolean }]>([
    ['another host', 'https://other.example.org/portal/sharing/rest'],
    ['the rest of the portal', 'https://gis.example.org/portal/home/'],
    ['a navigation', shared, { isNavigation: true }],
    ['a request with a token in its query', `${shared}?token=abc`],
    ['a request with an Authorization', shared, { headers: { authorization: 'Bearer abc' } }],
    ['a request with an X-Esri-Authorization', shared, { headers: { 'x-esri-authorization': 'Bearer abc' } }],
    ['the token endpoint', 'https://gis.example.org/portal/sharing/rest/oauth2/token', { method: 'POST' }],
    ['generateToken', 'https://gis.example.org/portal/sharing/rest/generateToken', { method: 'POST' }],
    ['generateToken in another spelling', 'https://gis.example.org/portal/sharing/rest/%47enerateToken'],
    ['generateToken of an unknown server', 'https://other.example.org/server/admin/generateToken'],
    [
      'an unknown server, navigated to',
      'https://other.example.org/server/rest/services',
      { isNavigation: true },
    ],
    ['an unknown server with a token', 'https://other.example.org/server/rest/services?token=x'],
    ['a server known to be foreign', `${foreign}/rest/services/x/MapServer`],
    ['a self-description', 'https://other.example.org/server/rest/info?f=json'],
  ])('is %s', (_, url, init) => {
    expect(ask(url, init)).toBeUndefined();
  });
});

test('an ArcGIS Server of which nothing is known may turn out to be federated', () => {
  expect(ask('https://other.example.org/server/rest/services/x/MapServer?f=json')).toEqual({
    unknownServer: 'https://other.example.org/server',
  });
});

test('without an ArcGIS portal no server is asked for its portal', () => {
  const api = oauthServer({
    ...base,
    issuer: 'https://id.example.org',
    resources: ['https://api.example.org/'],
  });
  expect(ask('https://other.example.org/server/rest/services', {}, [api])).toBeUndefined();
});
