/** What is never signed: endpoints that hand out tokens, in every spelling, and requests with a credential of their own. */
import { describe, expect, test } from 'vitest';
import type { Allowance } from '../portals/portal.js';
import { isAllowed } from '../portals/portal-options.js';
import { oauthServer } from '../portals/oauth-server.js';
import { isUnsignableApi } from '../portals/unsignable-api-path.js';
import { isUnsignable } from '../../protocol/unsignable-path.js';
import { hasOwnCredential } from './match-request.js';

const pathOf = (path: string): string => new URL(path, 'https://gis.example.org').pathname;

const serviceUrl = (search: string): URL => new URL(`https://gis.example.org/server/rest/services${search}`);

describe('isUnsignable', () => {
  test.each([
    '/portal/sharing/rest/oauth2/token',
    '/portal/sharing/rest/oauth2/authorize',
    '/portal/sharing/rest/oauth2/revokeToken',
    '/portal/sharing/rest/oauth2',
    '/portal/sharing/rest/oauth2/',
    '/portal/sharing/oauth2/token',
    '/portal/sharing/rest/generateToken',
    '/portal/sharing/rest/generateToken/',
    '/portal/sharing/generateToken',
    '/portal/sharing/rest/GENERATETOKEN',
    '/portal/sharing/rest/gEnErAtEtOkEn',
    '/portal/sharing//rest///generateToken',
    '/portal/sharing/rest/./generateToken',
    '/portal/sharing/rest/x/../generateToken',
    '/portal/sharing/rest/%67enerateToken',
    '/portal/sharing/rest/generate%54oken',
    '/portal/sharing/rest/%6Fauth2/token',
    '/portal/sharing/rest/oauth2\\token',
    '/portal/sharing/rest%2FgenerateToken',
    '/portal/sharing/rest%5CgenerateToken',
    '/portal/sharing/rest/x%2f..%2fgenerateToken',
    '/portal/sharing/rest/generateToken?f=json',
    '/portal/sharing/rest/generateToken%2E',
    '/portal/sharing/rest/generateToken;jsessionid=1',
    '/portal/sharing/rest/generateToken;/x',
    '/portal/sharing/rest/generateToken%3Bx',
    '/portal/sharing/rest/oauth2;x/token',
    '/portal/sharing/rest;x/generateToken',
    '/server/tokens/generateToken',
    '/server/tokens',
    '/server/tokens/',
    '/server/admin/generateToken',
    '/portal/sharing/rest/registerToken',
    '/portal/sharing/rest/exchangeToken',
    '/portal/sharing/..;/..;/evil/x',
    '/portal/sharing/..;a=b/x',
    '/portal/sharing/.;/x',
    '/portal/sharing/..%3Bx/x',
    '/portal/sharing/..%20/x',
    '/portal/sharing/x/..%20;y',
    '/portal/sharing/.../x',
    '/server/services/tokens',
    '/server/tokens/services/x/MapServer/WMSServer',
    '/portal/sharing/rest/oauth2/token/services/x/WMSServer',
    '/server/services/generateToken/WMSServer',
    '/server/services/x/;/tokens/WMSServer',
  ])('is true for %s', (path) => {
    expect(isUnsignable(pathOf(path))).toBe(true);
  });

  test.each(['/portal/sharing/%E0%A4%A', '/portal/sharing/%', '/portal/sharing/%ff'])(
    'is true for %s, which cannot be decoded',
    (path) => {
      expect(isUnsignable(pathOf(path))).toBe(true);
    },
  );

  test.each([
    '/portal/sharing/rest',
    '/portal/sharing/rest/portals/self',
    '/portal/sharing/rest/content/items/tokens-of-love',
    '/portal/sharing/rest/content/items/tokensoflove',
    '/portal/sharing/rest/content/items/1/resources/oauth2.json',
    '/portal/sharing/rest/search',
    '/server/rest/services/Token/FeatureServer/0/query',
    '/server/rest/services/generateTokens/GPServer',
    '/server/rest/services/oauth2_zones/MapServer',
    '/server/rest/services/myoauth2/MapServer',
    '/server/rest/services/Stra%C3%9Fen%20und%20Wege/MapServer/tile/0/0/0',
    '/server/rest/services/100%25/MapServer',
    '/server/services/Tokens/Parcels/MapServer/WMSServer',
    '/server/services/oauth2/MapServer/WFSServer',
    '/portal/sharing/rest/content/items/1/data',
    '/',
  ])('is false for %s', (path) => {
    expect(isUnsignable(pathOf(path))).toBe(false);
  });
});

describe('isAllowed', () => {
  const allow: Allowance = { methods: ['GET', 'HEAD'], paths: ['/portal/sharing/rest/content/', '/server'] };

  test.each<[method: string, path: string, allow: Allowance | undefined, isAllowed: boolean]>([
    ['GET', '/portal/sharing/rest/content/items/1', allow, true],
    ['HEAD', '/server/rest/services', allow, true],
    ['GET', '/server', allow, true],
    ['POST', '/server/rest/services', allow, false],
    ['GET', '/server2/rest/services', allow, false],
    ['GET', '/portal/sharing/rest/community/self', allow, false],
    ['GET', '/portal/sharing/rest/contents', allow, false],
    ['DELETE', '/anything', undefined, true],
    ['DELETE', '/server/x', { paths: ['/server'] }, true],
    ['DELETE', '/server/x', { methods: ['GET'] }, false],
    ['GET', '/anything', { methods: ['GET'] }, true],
    ['GET', '/anything', { methods: [] }, false],
    ['GET', '/anything', { paths: [] }, false],
    ['GET', '/anything', {}, true],
  ])('%s %s by %j: %s', (method, path, allowed, isIt) => {
    expect(isAllowed({ method }, new URL(path, 'https://gis.example.org'), allowed)).toBe(isIt);
  });
});

describe('hasOwnCredential', () => {
  const none = { headers: new Headers({ accept: '*/*' }) };

  test.each(['?token=abc', '?f=json&token=abc', '?token=', '?Token=abc', '?f=json&TOKEN=abc&x=1'])(
    'sees a token in %s',
    (search) => {
      expect(hasOwnCredential(none, serviceUrl(search))).toBe(true);
    },
  );

  test.each([
    '',
    '?',
    '?f=json',
    '?tokens=1',
    '?mytoken=abc',
    '?where=token%3D1',
    '?x=a%26token=1',
    '#?token=abc',
  ])('sees none in %j', (search) => {
    expect(hasOwnCredential(none, serviceUrl(search))).toBe(false);
  });

  test.each(['authorization', 'Authorization', 'X-Esri-Authorization'])('sees the header %s', (name) => {
    expect(hasOwnCredential({ headers: new Headers({ [name]: 'Bearer abc' }) }, serviceUrl('?f=json'))).toBe(
      true,
    );
  });

  test('does not see one in a proxy header', () => {
    expect(
      hasOwnCredential(
        { headers: new Headers({ 'proxy-authorization': 'x', cookie: 'token=1' }) },
        serviceUrl(''),
      ),
    ).toBe(false);
  });
});

describe('isUnsignableApi', () => {
  const register = (endpoints?: { authorization: string; token: string; revocation: string }) =>
    oauthServer({
      issuer: 'https://id.example.org',
      resources: ['https://id.example.org/', 'https://api.example.org/'],
      clientId: 'app',
      redirectUri: '/signed-in.html',
      ...(endpoints && { endpoints }),
    })('https://app.example/');
  const known = register({
    authorization: 'https://id.example.org/oauth2/authorize',
    token: 'https://id.example.org/oauth2/token',
    revocation: 'https://id.example.org/oauth2/revoke',
  });
  const unknown = register();

  test.each([
    'https://id.example.org/oauth2/token',
    'https://id.example.org/oauth2/token/',
    'https://id.example.org/oauth2/TOKEN',
    'https://id.example.org//oauth2/token',
    'https://id.example.org/oauth2%2Ftoken',
    'https://id.example.org/oauth2%252Ftoken',
    'https://id.example.org/oauth2/token;x=1',
    'https://id.example.org/oauth2/%74oken',
    'https://id.example.org/oauth2/revoke',
    'https://id.example.org/x/..%2Foauth2/token',
    'https://api.example.org/v1/..%2Fadmin',
    'https://api.example.org/v1/..%252Fadmin',
    'https://api.example.org/v1/..;/admin',
    'https://api.example.org/v1/%5Cadmin',
    'https://api.example.org/v1/a%00b',
    'https://api.example.org/v1/%ff',
  ])('an endpoint that issues tokens, or a path that may mean another, is not signed: %s', (url) => {
    expect(isUnsignableApi(new URL(url), known)).toBe(true);
  });

  test.each([
    'https://api.example.org/oauth2/token',
    'https://api.example.org/oauth2/clients',
    'https://api.example.org/tokens',
    'https://api.example.org/tokens/7',
    'https://api.example.org/files/a%2Fb.txt',
    'https://api.example.org/items/100%25',
    'https://id.example.org/oauth2/userinfo',
    'https://id.example.org/tokens',
  ])('any other path of an API is: %s', (url) => {
    expect(isUnsignableApi(new URL(url), known)).toBe(false);
  });

  test('before the endpoints are known, what looks like one at the origin of the issuer is taken for it', () => {
    expect(isUnsignableApi(new URL('https://id.example.org/oauth2/other'), unknown)).toBe(true);
    expect(isUnsignableApi(new URL('https://id.example.org/tokens'), unknown)).toBe(true);
    expect(isUnsignableApi(new URL('https://id.example.org/orders'), unknown)).toBe(false);
    expect(isUnsignableApi(new URL('https://api.example.org/oauth2/token'), unknown)).toBe(false);
  });
});
