/** What the browser may route past the worker: never anything that could be ours. */
import { describe, expect, test, vi } from 'vitest';
import { arcgisEnterprise, arcgisOnline } from '../portals/arcgis.js';
import { oauthServer } from '../portals/oauth-server.js';
import { resolvePortals } from '../portals/resolve.js';
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

test('every origin of the registrations, once, and whatever may be a federated server', () => {
  expect(routedPatterns(resolvePortals([enterprise, api], 'https://app.example/'))).toEqual([
    { protocol: 'https', hostname: 'gis.example.org', port: '' },
    { protocol: 'https', hostname: 'gis.example.org', port: '6443' },
    { protocol: 'https', hostname: 'api.example.org', port: '' },
    { pathname: '*/rest/*' },
    { pathname: '*/services/*' },
  ]);
});

test('no server is federated where there is no ArcGIS portal', () => {
  expect(routedPatterns(resolvePortals([api], 'https://app.example/'))).toEqual([
    { protocol: 'https', hostname: 'api.example.org', port: '' },
  ]);
});

test('all hosts of ArcGIS Online', () => {
  expect(routedPatterns(resolvePortals([arcgisOnline(base)], 'https://app.example/'))).toContainEqual({
    protocol: 'https',
    hostname: '*.arcgis.com',
  });
});

describe('a browser', () => {
  test('without static routing is asked for nothing', async () => {
    vi.stubGlobal('URLPattern', vi.fn());
    await expect(addStaticRoutes({} as ExtendableEvent, [])).resolves.toBeUndefined();
    vi.unstubAllGlobals();
  });
});
