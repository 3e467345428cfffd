/** Registrations against a scope: redirect URIs, fingerprints, and what lies under a path. */
import { describe, expect, test } from 'vitest';
import { arcgisEnterprise, arcgisOnline } from './arcgis.js';
import { fingerprintOf, type PortalRegistration } from './portal.js';
import { resolvePortals } from './portal.js';
import { isUnder } from './portal-url.js';

const scope = 'https://app.example/app/';
const base = { clientId: 'app', redirectUri: 'signed-in.html' };
const enterprise = (changes: object = {}): PortalRegistration =>
  arcgisEnterprise({ url: 'https://gis.example.org/portal', ...base, ...changes });

const fingerprint = (registration: PortalRegistration): string | undefined =>
  resolvePortals([registration], scope).map(fingerprintOf)[0];

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
  expect(() => resolvePortals(portals as unknown as PortalRegistration[], scope)).toThrow(
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
    expect(fingerprint((at) => ({ ...online(at), hostSuffix: undefined }))).not.toBe(fingerprint(online));
    expect(fingerprint(arcgisOnline({ ...base, url: 'https://city.maps.arcgis.com' }))).not.toBe(
      fingerprint(online),
    );
  });

  test('stays when only a name, a language or the placement changes: these sign no user out', () => {
    expect(fingerprint(enterprise({ name: 'GIS', locale: 'de', tokenPlacement: 'header' }))).toBe(
      fingerprint(enterprise()),
    );
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
