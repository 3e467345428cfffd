/** Registrations against a scope: redirect URIs, fingerprints, and no two owners of one URL. */
import { describe, expect, test } from 'vitest';
import { arcgisEnterprise, arcgisOnline } from './arcgis.js';
import { oauthServer } from './oauth-server.js';
import type { PortalDefinition } from './portal.js';
import { isUnder, resolvePortals } from './resolve.js';

const scope = 'https://app.example/app/';
const base = { clientId: 'app', redirectUri: 'signed-in.html' };
const enterprise = (changes: object = {}): PortalDefinition =>
  arcgisEnterprise({ url: 'https://gis.example.org/portal', ...base, ...changes });
const api = (changes: object = {}): PortalDefinition =>
  oauthServer({
    issuer: 'https://id.example.org',
    resources: ['https://api.example.org/v1/'],
    ...base,
    ...changes,
  });

const fingerprint = (definition: PortalDefinition): string | undefined =>
  resolvePortals([definition], scope)[0]?.fingerprint;

test('makes the redirect URI absolute', () => {
  expect(resolvePortals([enterprise()], scope)[0]?.redirectUri).toBe(
    'https://app.example/app/signed-in.html',
  );
});

test.each([
  ['redirect-uri-outside-scope', '/elsewhere.html'],
  ['redirect-uri-outside-scope', '/app2/signed-in.html'],
  ['redirect-uri-invalid', 'signed-in.html#x'],
  ['redirect-uri-invalid', undefined],
])('refuses with %s: %s', (code, redirectUri) => {
  expect(() => resolvePortals([enterprise({ redirectUri })], scope)).toThrow(
    expect.objectContaining({ code }),
  );
});

test.each([[[]], [undefined], [null], [{}]])('refuses %j as portals', (portals) => {
  expect(() => resolvePortals(portals as unknown as PortalDefinition[], scope)).toThrow(
    expect.objectContaining({ code: 'option-invalid', facts: { field: 'portals' } }),
  );
});

describe('fingerprint', () => {
  test('stays while the registration does, at every start of the worker', () => {
    expect(fingerprint(enterprise())).toBe(fingerprint(enterprise()));
  });

  test.each([
    ['the portal', { url: 'https://gis.example.org/other' }],
    ['the client id', { clientId: 'another' }],
    ['the redirect URI', { redirectUri: 'other.html' }],
    ['the resources', { resources: ['https://hosted.example.org/'] }],
    ['the servers', { servers: ['https://gis.example.org/server'] }],
  ])('changes with %s', (_, changes) => {
    expect(fingerprint(enterprise(changes))).not.toBe(fingerprint(enterprise()));
  });

  test('tells a resource from a server', () => {
    const url = 'https://hosted.example.org/x';
    expect(fingerprint(enterprise({ resources: [url] }))).not.toBe(
      fingerprint(enterprise({ servers: [url] })),
    );
  });

  test('changes with the host suffix and the endpoints', () => {
    const online = arcgisOnline(base);
    const { hostSuffix: _, ...narrow } = online;
    expect(fingerprint(narrow)).not.toBe(fingerprint(online));
    expect(fingerprint(arcgisOnline({ ...base, url: 'https://city.maps.arcgis.com' }))).not.toBe(
      fingerprint(online),
    );
  });

  test('stays when only a name, a language or the placement changes: nobody is signed out for that', () => {
    expect(fingerprint(enterprise({ name: 'GIS', locale: 'de', placement: 'header' }))).toBe(
      fingerprint(enterprise()),
    );
  });
});

describe('overlap', () => {
  test.each<[name: string, definitions: PortalDefinition[]]>([
    ['the same portal twice', [enterprise(), enterprise({ clientId: 'another' })]],
    [
      'two spellings of one portal',
      [enterprise(), enterprise({ url: 'https://GIS.example.org/portal/home/' })],
    ],
    [
      'a resource inside a portal',
      [enterprise(), api({ resources: ['https://gis.example.org/portal/sharing/rest/content'] })],
    ],
    ['a resource around a portal', [enterprise(), api({ resources: ['https://gis.example.org/'] })]],
    [
      'a resource around a portal, given first',
      [api({ resources: ['https://gis.example.org/'] }), enterprise()],
    ],
    [
      'a resource with and without its slash',
      [api(), api({ issuer: 'https://id2.example.org', resources: ['https://api.example.org/v1'] })],
    ],
    ['a server inside a resource', [api(), enterprise({ servers: ['https://api.example.org/v1/server'] })]],
    [
      'one server in two portals',
      ['a', 'b'].map((name) =>
        enterprise({ url: `https://gis.example.org/${name}`, servers: ['https://gis.example.org/server'] }),
      ),
    ],
    ['two host suffixes', [arcgisOnline(base), { ...api(), hostSuffix: '.example.org' }]],
    ['one issuer twice', [api(), api({ resources: ['https://api.example.org/v2/'] })]],
    [
      'ArcGIS Online twice',
      [arcgisOnline(base), arcgisOnline({ ...base, url: 'https://city.maps.arcgis.com' })],
    ],
  ])('of %s is refused', (_, definitions) => {
    expect(() => resolvePortals(definitions, scope)).toThrow(
      expect.objectContaining({ code: 'registrations-overlap' }),
    );
  });

  test.each<[name: string, definitions: PortalDefinition[]]>([
    ['two portals of one host', [enterprise(), enterprise({ url: 'https://gis.example.org/portal2' })]],
    ['one path at two hosts', [enterprise(), enterprise({ url: 'https://gis2.example.org/portal' })]],
    ['one path at two ports', [enterprise(), enterprise({ url: 'https://gis.example.org:7443/portal' })]],
    [
      'paths that share letters',
      [api(), api({ issuer: 'https://id2.example.org', resources: ['https://api.example.org/v12/'] })],
    ],
    [
      'a portal and its own server inside it',
      [enterprise({ servers: ['https://gis.example.org/portal/sharing/server'] })],
    ],
    ['all kinds side by side', [enterprise(), api(), arcgisOnline(base)]],
  ])('is not seen in %s', (_, definitions) => {
    expect(resolvePortals(definitions, scope)).toHaveLength(definitions.length);
  });

  test('names the origin that both own', () => {
    expect(() =>
      resolvePortals([enterprise(), api(), api({ issuer: 'https://id2.example.org' })], scope),
    ).toThrow(expect.objectContaining({ facts: { origin: 'https://api.example.org' } }));
  });
});

test.each([
  ['/portal', '/portal', true],
  ['/portal/', '/portal', true],
  ['/portal/x', '/portal', true],
  ['/portal', '/portal/', true],
  ['/portal/', '/portal/', true],
  ['/portal/x', '/portal/', true],
  ['/', '/', true],
  ['/anything', '/', true],
  ['/portal2', '/portal', false],
  ['/portal2', '/portal/', false],
  ['/portal2/x', '/portal', false],
  ['/porta', '/portal', false],
  ['/Portal/x', '/portal', false],
  ['/x/portal', '/portal', false],
  ['/portal%2Fx', '/portal', false],
  ['/portal;x/y', '/portal', false],
  ['/', '/portal', false],
  ['/', '/portal/', false],
])('isUnder: %s under %s is %s', (path, prefix, expected) => {
  expect(isUnder(path, prefix)).toBe(expected);
});
