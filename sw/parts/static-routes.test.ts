/** What the browser may route past the worker: never anything that could be ours. */
import { describe, expect, test, vi } from 'vitest';
import { arcgisEnterprise, arcgisOnline } from '../portals/arcgis.js';
import { oauthServer } from '../portals/oauth-server.js';
import { resolvePortals } from '../portals/portal.js';
import { addStaticRoutes, routedPatterns } from './static-routes.js';

const base = { clientId: 'app', redirectUri: '/signed-in.html' };
const enterprise = arcgisEnterprise({
  ...base,
  url: 'https://gis.example.org/portal',
  servers: ['https://gis.example.org:6443/server'],
});
const api = oauthServer({
  ...base,
  issuer: 'https://id.example.org',
  resources: ['https://api.example.org/v1/'],
});

/** The address that leads a window to the sign-out at an OAuth server. */
const signOut = { search: '*identity-sign-out=*' };

test('the sharing API, every other origin of the registrations, once, and whatever may be a federated server', () => {
  expect(routedPatterns(resolvePortals([enterprise, api], 'https://app.example/'))).toEqual([
    { protocol: 'https', hostname: 'gis.example.org', port: '6443' },
    { protocol: 'https', hostname: 'api.example.org', port: '' },
    signOut,
    { pathname: '*/sharing*' },
    { pathname: '*/rest/*' },
    { pathname: '*/services/*' },
  ]);
});

test('no server is federated where there is no ArcGIS portal', () => {
  expect(routedPatterns(resolvePortals([api], 'https://app.example/'))).toEqual([
    { protocol: 'https', hostname: 'api.example.org', port: '' },
    signOut,
  ]);
});

test('the sharing API of an API is an origin as any other', () => {
  const sharing = oauthServer({
    ...base,
    issuer: 'https://id.example.org',
    resources: ['https://a.org/sharing/'],
  });
  expect(routedPatterns(resolvePortals([sharing], 'https://app.example/'))).toEqual([
    { protocol: 'https', hostname: 'a.org', port: '' },
    signOut,
  ]);
});

test('a thousand portals need no pattern more than one', () => {
  const portals = Array.from({ length: 1000 }, (_, i) =>
    arcgisEnterprise({ ...base, url: `https://gis${i}.example.org/portal` }),
  );
  expect(routedPatterns(resolvePortals(portals, 'https://app.example/'))).toHaveLength(3);
});

test('all hosts of ArcGIS Online', () => {
  expect(routedPatterns(resolvePortals([arcgisOnline(base)], 'https://app.example/'))).toContainEqual({
    protocol: 'https',
    hostname: '*.arcgis.com',
  });
});

describe('a browser', () => {
  test.each([
    [60, 1],
    [70, 0],
  ])('is given a list that is short: %i origins, %i lists', async (length, times) => {
    vi.stubGlobal('URLPattern', vi.fn());
    const resources = Array.from({ length }, (_, i) => `https://api${i}.example.org/`);
    const all = resolvePortals(
      [oauthServer({ ...base, issuer: 'https://id.example.org', resources })],
      'https://app.example/',
    );
    const addRoutes = vi.fn(() => Promise.resolve());
    const event: object = { addRoutes };
    await addStaticRoutes(event as ExtendableEvent, all);
    expect(addRoutes).toHaveBeenCalledTimes(times);
    vi.unstubAllGlobals();
  });

  test('without static routing is asked for nothing', async () => {
    vi.stubGlobal('URLPattern', vi.fn());
    await expect(addStaticRoutes({} as ExtendableEvent, [])).resolves.toBeUndefined();
    vi.unstubAllGlobals();
  });
});
