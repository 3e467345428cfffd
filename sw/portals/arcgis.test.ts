/** ArcGIS portals as registrations: endpoints, owned URLs, and the options that are refused. */
import { describe, expect, test } from 'vitest';
import {
  arcgisEnterprise as registerArcgisEnterprise,
  arcgisOnline as registerArcgisOnline,
  type ArcGISEnterpriseOptions,
  type ArcGISOnlineOptions,
} from './arcgis.js';
import type { Portal } from './portal.js';

const SCOPE = 'https://app.example/';
const arcgisEnterprise = (given: Parameters<typeof registerArcgisEnterprise>[0]): Portal =>
  registerArcgisEnterprise(given)(SCOPE);
const arcgisOnline = (given: Parameters<typeof registerArcgisOnline>[0]): Portal =>
  registerArcgisOnline(given)(SCOPE);

const options = { url: 'https://gis.example.org/portal', clientId: 'app', redirectUri: '/signed-in.html' };
const online = { clientId: 'app', redirectUri: '/signed-in.html' };
const hrefs = (urls: readonly { href: string }[]): string[] => urls.map(({ href }) => href);

describe('arcgisEnterprise', () => {
  test('names the endpoints of the portal', () => {
    expect(arcgisEnterprise(options).endpoints).toEqual({
      issuer: 'https://gis.example.org/portal',
      authorization_endpoint: 'https://gis.example.org/portal/sharing/rest/oauth2/authorize',
      token_endpoint: 'https://gis.example.org/portal/sharing/rest/oauth2/token',
      revocation_endpoint: 'https://gis.example.org/portal/sharing/rest/oauth2/revokeToken',
      end_session_endpoint: 'https://gis.example.org/portal/sharing/rest/oauth2/signout',
    });
  });

  test('owns the sharing API and nothing else by itself', () => {
    const portal = arcgisEnterprise(options);
    expect(hrefs(portal.resources)).toEqual(['https://gis.example.org/portal/sharing/']);
    expect(portal.servers).toEqual([]);
    expect(portal.hostSuffix).toBeUndefined();
  });

  test('takes resources and servers besides', () => {
    const portal = arcgisEnterprise({
      ...options,
      resources: ['https://hosted.example.org/data/'],
      servers: ['https://gis.example.org/server'],
    });
    expect(hrefs(portal.resources)).toEqual([
      'https://gis.example.org/portal/sharing/',
      'https://hosted.example.org/data/',
    ]);
    expect(hrefs(portal.servers)).toEqual(['https://gis.example.org/server']);
  });

  test.each([
    'https://GIS.example.org/portal/',
    'https://gis.example.org/portal/sharing/rest',
    'https://gis.example.org/portal/home/',
  ])('has one name for %s', (url) => {
    expect(arcgisEnterprise({ ...options, url }).url).toBe('https://gis.example.org/portal');
  });

  test('keeps http on loopback', () => {
    expect(
      arcgisEnterprise({ ...options, url: 'http://localhost:8080/portal' }).endpoints?.token_endpoint,
    ).toBe('http://localhost:8080/portal/sharing/rest/oauth2/token');
  });

  test('is called by its host name unless it has a name', () => {
    expect(arcgisEnterprise(options).name).toBe('gis.example.org');
    expect(arcgisEnterprise({ ...options, name: 'City GIS' }).name).toBe('City GIS');
  });

  test('asks for nothing beyond the protocol unless told to', () => {
    expect(arcgisEnterprise(options).authorizationParameters).toEqual({});
    expect(
      arcgisEnterprise({ ...options, expirationMinutes: 120, locale: 'pt-BR' }).authorizationParameters,
    ).toEqual({
      expiration: '120',
      locale: 'pt-BR',
    });
  });

  test('takes -1 as the longest session the organisation allows', () => {
    expect(arcgisEnterprise({ ...options, expirationMinutes: -1 }).authorizationParameters).toEqual({
      expiration: '-1',
    });
  });

  test.each<[field: string, code: string, bad: Record<string, unknown>]>([
    ['url', 'portal-url-invalid', { url: 'gis.example.org/portal' }],
    ['url', 'portal-url-invalid', { url: undefined }],
    ['url', 'portal-url-invalid', { url: 'https://gis.example.org/portal?x=1' }],
    ['resources', 'portal-url-invalid', { resources: ['/data'] }],
    ['servers', 'portal-url-invalid', { servers: ['https://gis.example.org/server', 'server'] }],
    ['resources', 'option-invalid', { resources: 'https://hosted.example.org/' }],
    ['servers', 'option-invalid', { servers: null }],
    ['tokenPlacement', 'option-invalid', { tokenPlacement: 'body' }],
    ['tokenPlacement', 'option-invalid', { tokenPlacement: null }],
    ['persistence', 'option-invalid', { persistence: 'disk' }],
    ['callback', 'option-invalid', { callback: 'server' }],
    ['callback', 'option-invalid', { callback: 'worker', redirectUri: 'urn:ietf:wg:oauth:2.0:oob' }],
    ['webTier', 'option-invalid', { webTier: 'yes' }],
    ['allow', 'option-invalid', { allow: 'GET' }],
    ['allow', 'option-invalid', { allow: null }],
    ['allow.methods', 'option-invalid', { allow: { methods: 'GET' } }],
    ['allow.methods', 'option-invalid', { allow: { methods: ['GET /'] } }],
    ['allow.paths', 'option-invalid', { allow: { paths: ['content/'] } }],
    ['allow.paths', 'option-invalid', { allow: { paths: [7] } }],
    ['expirationMinutes', 'option-invalid', { expirationMinutes: 0 }],
    ['expirationMinutes', 'option-invalid', { expirationMinutes: -2 }],
    ['expirationMinutes', 'option-invalid', { expirationMinutes: 1.5 }],
    ['expirationMinutes', 'option-invalid', { expirationMinutes: NaN }],
    ['expirationMinutes', 'option-invalid', { expirationMinutes: '60' }],
  ])('refuses a wrong %s: %s %j', (field, code, bad) => {
    const all = { ...options, ...bad } as unknown as ArcGISEnterpriseOptions;
    expect(() => arcgisEnterprise(all)).toThrow(expect.objectContaining({ code, facts: { field } }));
  });

  test.each<[code: string, bad: Partial<ArcGISEnterpriseOptions>]>([
    ['portal-insecure', { url: 'http://gis.example.org/portal' }],
    ['portal-insecure', { resources: ['http://hosted.example.org/'] }],
    ['portal-insecure', { servers: ['http://gis.example.org/server'] }],
    ['client-id-missing', { clientId: ' ' }],
  ])('refuses with %s: %j', (code, bad) => {
    expect(() => arcgisEnterprise({ ...options, ...bad })).toThrow(expect.objectContaining({ code }));
  });

  test.each(['auto', 'header', 'query', 'form'] as const)('takes the placement %s', (tokenPlacement) => {
    expect(arcgisEnterprise({ ...options, tokenPlacement }).tokenPlacement).toBe(tokenPlacement);
  });

  test('places a token where it costs no preflight unless told otherwise', () => {
    expect(arcgisEnterprise(options).tokenPlacement).toBe('auto');
  });
});

test('the shared options have their documented defaults', () => {
  const { persistence, callback, allow, webTier } = arcgisEnterprise(options);
  expect({ persistence, callback, allow, webTier }).toEqual({
    persistence: 'persistent',
    callback: 'page',
    allow: undefined,
    webTier: false,
  });
});

test('methods are compared in capitals', () => {
  expect(arcgisEnterprise({ ...options, allow: { methods: ['get', 'Head'] } }).allow).toEqual({
    methods: ['GET', 'HEAD'],
  });
});

describe('arcgisOnline', () => {
  test('is www.arcgis.com with every host below arcgis.com', () => {
    const portal = arcgisOnline(online);
    expect(portal).toMatchObject({
      kind: 'arcgis',
      url: 'https://www.arcgis.com',
      name: 'ArcGIS Online',
      hostSuffix: '.arcgis.com',
    });
    expect(portal.endpoints?.authorization_endpoint).toBe(
      'https://www.arcgis.com/sharing/rest/oauth2/authorize',
    );
  });

  test('shows the sign-in page of the organisation and takes tokens from www', () => {
    const portal = arcgisOnline({ ...online, url: 'https://city.maps.arcgis.com/home' });
    expect(portal.url).toBe('https://www.arcgis.com');
    expect(portal.endpoints).toEqual({
      issuer: 'https://www.arcgis.com',
      authorization_endpoint: 'https://city.maps.arcgis.com/sharing/rest/oauth2/authorize',
      token_endpoint: 'https://www.arcgis.com/sharing/rest/oauth2/token',
      revocation_endpoint: 'https://www.arcgis.com/sharing/rest/oauth2/revokeToken',
      end_session_endpoint: 'https://city.maps.arcgis.com/sharing/rest/oauth2/signout',
    });
  });

  test('has the name it is given', () => {
    expect(arcgisOnline({ ...online, name: 'City' }).name).toBe('City');
  });

  test.each([
    'https://gis.example.org/portal',
    'https://city.maps.arcgis.com.evil.example',
    'https://evil.example/city.maps.arcgis.com',
    'https://org.mapsdevext.arcgis.com',
    'https://services.arcgis.com',
    'https://www.arcgis.com:8443',
    'https://www.arcgis.com/portal',
  ])('refuses %s: another portal', (url) => {
    expect(() => arcgisOnline({ ...online, url })).toThrow(
      expect.objectContaining({ code: 'option-invalid', facts: { field: 'url' } }),
    );
  });

  test.each<[code: string, bad: Partial<ArcGISOnlineOptions>]>([
    ['portal-insecure', { url: 'http://www.arcgis.com' }],
    ['portal-url-invalid', { url: 'www.arcgis.com' }],
    ['client-id-missing', { clientId: '' }],
  ])('refuses with %s: %j', (code, bad) => {
    expect(() => arcgisOnline({ ...online, ...bad })).toThrow(expect.objectContaining({ code }));
  });
});
