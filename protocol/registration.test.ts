/** The checks on a registration: what a developer may write, and the error that tells what to change. */
import { describe, expect, test } from 'vitest';
import { OUT_OF_BAND, parseClientId, parsePortalUrl, parseRedirectUri } from './registration.js';

const codeOf = (call: () => unknown): unknown => {
  try {
    return { value: call() };
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('parsePortalUrl', () => {
  test.each([
    ['https://gis.example.org/portal', 'https://gis.example.org/portal'],
    ['https://GIS.Example.org', 'https://gis.example.org/'],
    ['https://gis.example.org:8443/portal/', 'https://gis.example.org:8443/portal/'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['http://localhost:3000/portal', 'http://localhost:3000/portal'],
    ['http://portal.localhost/', 'http://portal.localhost/'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080/'],
    ['http://127.9.8.7/', 'http://127.9.8.7/'],
    ['http://[::1]:7080/arcgis', 'http://[::1]:7080/arcgis'],
  ])('takes %s', (value, href) => {
    expect(parsePortalUrl(value, 'url').href).toBe(href);
  });

  test.each([
    'http://gis.example.org/portal',
    'http://localhost.evil.example/',
    'http://evil-localhost/',
    'http://notlocalhost/',
    'http://127.0.0.1.evil.example/',
    'http://10.0.0.1/',
    'http://192.168.0.1/',
    'http://0.0.0.0/',
    'http://128.0.0.1/',
    'http://[::2]/',
    'http://localhost./',
  ])('refuses %s: plain http beyond loopback', (value) => {
    expect(codeOf(() => parsePortalUrl(value, 'url'))).toBe('portal-insecure');
  });

  test('names the origin of an insecure portal, not its path', () => {
    expect(() => parsePortalUrl('http://gis.example.org/secret/path', 'url')).toThrow(
      expect.objectContaining({ facts: { origin: 'http://gis.example.org' } }),
    );
  });

  test.each([
    ['nothing', ''],
    ['white space', '  '],
    ['a host without scheme', 'gis.example.org/portal'],
    ['a path', '/portal'],
    ['a protocol-relative URL', '//gis.example.org/portal'],
    ['a URL without host', 'https://'],
    ['a bad port', 'https://gis.example.org:99999/'],
    ['a bad host', 'https://gis example.org/'],
    ['a user', 'https://user@gis.example.org/'],
    ['a user and a password', 'https://user:secret@gis.example.org/'],
    ['a password', 'https://:secret@gis.example.org/'],
    ['a query', 'https://gis.example.org/portal?f=json'],
    ['a fragment', 'https://gis.example.org/portal#top'],
    ['javascript:', 'javascript:alert(1)'],
    ['data:', 'data:text/html,x'],
    ['ftp:', 'ftp://gis.example.org/'],
    ['wss:', 'wss://gis.example.org/'],
    ['file:', 'file:///portal'],
    ['blob:', 'blob:https://gis.example.org/1'],
    ['undefined', undefined],
    ['null', null],
    ['a number', 443],
    ['a URL object', new URL('https://gis.example.org/')],
    ['an array of a URL', ['https://gis.example.org/']],
  ])('refuses %s', (_, value) => {
    expect(() => parsePortalUrl(value, 'issuer')).toThrow(
      expect.objectContaining({ code: 'portal-url-invalid', facts: { field: 'issuer' } }),
    );
  });

  test('keeps a password out of the error', () => {
    expect(() => parsePortalUrl('https://user:s3cret@gis.example.org/', 'url')).toThrow(/^(?!.*s3cret)/);
  });
});

describe('parseClientId', () => {
  test('takes an id, without the white space of a copy', () => {
    expect(parseClientId(' abc123\n', 'https://gis.example.org')).toBe('abc123');
  });

  test.each([undefined, null, '', ' \t', 7, {}])('refuses %j and names the portal', (value) => {
    expect(() => parseClientId(value, 'https://gis.example.org')).toThrow(
      expect.objectContaining({ code: 'client-id-missing', facts: { origin: 'https://gis.example.org' } }),
    );
  });
});

describe('parseRedirectUri', () => {
  const scope = 'https://app.example/app/';

  test.each([
    ['signed-in.html', 'https://app.example/app/signed-in.html'],
    ['./auth/done', 'https://app.example/app/auth/done'],
    ['/app/signed-in.html', 'https://app.example/app/signed-in.html'],
    ['https://app.example/app/signed-in.html', 'https://app.example/app/signed-in.html'],
    ['HTTPS://APP.example:443/app/a%20b', 'https://app.example/app/a%20b'],
    ['.', 'https://app.example/app/'],
    ['//app.example/app/x', 'https://app.example/app/x'],
    [OUT_OF_BAND, 'urn:ietf:wg:oauth:2.0:oob'],
  ])('resolves %s', (value, uri) => {
    expect(parseRedirectUri(value, scope)).toBe(uri);
  });

  test.each([
    '/signed-in.html',
    '../signed-in.html',
    '/app',
    '/app2/signed-in.html',
    '/APP/signed-in.html',
    '/app/../signed-in.html',
    '/app/%2e%2e/signed-in.html',
    'https://evil.example/app/signed-in.html',
    'https://app.example.evil.example/app/x',
    'https://app.example@evil.example/app/x',
    'http://app.example/app/signed-in.html',
    'https://app.example:444/app/signed-in.html',
    '//evil.example/app/x',
    '\\\\evil.example/app/x',
    'javascript:alert(1)',
    'data:text/html,x',
    'urn:ietf:wg:oauth:2.0:oob:auto',
  ])('refuses %s: outside the scope', (value) => {
    expect(codeOf(() => parseRedirectUri(value, scope))).toBe('redirect-uri-outside-scope');
  });

  test.each([
    ['nothing', ''],
    ['undefined', undefined],
    ['null', null],
    ['a number', 1],
    ['a URL object', new URL('https://app.example/app/x')],
    ['a fragment, which would swallow the answer', 'signed-in.html#/route'],
    ['a query of its own', 'signed-in.html?x=1'],
    ['a malformed URL', 'https://app.example:port/app/'],
  ])('refuses %s', (_, value) => {
    expect(codeOf(() => parseRedirectUri(value, scope))).toBe('redirect-uri-invalid');
  });

  test('tells path and scope, and no query that could hold a code', () => {
    expect(() => parseRedirectUri('https://app.example/other?code=secret', scope)).toThrow(
      expect.objectContaining({ facts: { path: '/other', scope: '/app/' } }),
    );
  });

  test('takes the whole site where the scope is the site', () => {
    expect(parseRedirectUri('/any/page', 'https://app.example/')).toBe('https://app.example/any/page');
  });
});
