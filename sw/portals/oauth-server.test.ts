/** OAuth servers as registrations: the issuer stays as written, and the token has to be wanted somewhere. */
import { expect, test } from 'vitest';
import { oauthServer as registerOauthServer, type OAuthServerOptions } from './oauth-server.js';
import { fingerprintOf, type Portal } from './portal.js';

const SCOPE = 'https://app.example/';
const oauthServer = (given: Parameters<typeof registerOauthServer>[0]): Portal =>
  registerOauthServer(given)(SCOPE);

const options: OAuthServerOptions = {
  issuer: 'https://id.example.org/tenant/',
  resources: ['https://api.example.org/v1/'],
  clientId: 'app',
  redirectUri: '/signed-in.html',
};

test('keeps the issuer as written: it is compared as a string', () => {
  expect(oauthServer(options).url).toBe('https://id.example.org/tenant/');
  expect(oauthServer({ ...options, issuer: 'https://id.example.org' }).url).toBe('https://id.example.org');
});

test('leaves the endpoints to the metadata of the issuer', () => {
  expect(oauthServer(options)).toMatchObject({ kind: 'oauth', servers: [], authorizationParameters: {} });
  expect(oauthServer(options).endpoints).toBeUndefined();
  expect(oauthServer(options).hostSuffix).toBeUndefined();
});

test('asks for the scopes it is told', () => {
  expect(oauthServer({ ...options, scope: 'openid read' }).authorizationParameters).toEqual({
    scope: 'openid read',
  });
});

test('puts the token in the header unless told otherwise', () => {
  expect(oauthServer(options).tokenPlacement).toBe('header');
  expect(oauthServer({ ...options, tokenPlacement: 'query' }).tokenPlacement).toBe('query');
});

test('does not own the issuer: its endpoints get no token', () => {
  expect(oauthServer(options).resources.map(({ href }) => href)).toEqual(['https://api.example.org/v1/']);
});

test('is called by the host of its issuer unless it has a name', () => {
  expect(oauthServer(options).name).toBe('id.example.org');
  expect(oauthServer({ ...options, name: 'Company' }).name).toBe('Company');
});

test('two registrations of one issuer are told apart by their ids', () => {
  const { url, issuer } = oauthServer({ ...options, id: 'orders' });
  expect(url).toBe('https://id.example.org/tenant/#orders');
  expect(issuer).toBe('https://id.example.org/tenant/');
});

test('takes endpoints by hand under the names of RFC 8414', () => {
  const endpoints = {
    authorization: 'https://id.example.org/a',
    token: 'https://id.example.org/t',
    userinfo: 'https://id.example.org/u',
  };
  expect(oauthServer({ ...options, endpoints }).endpoints).toEqual({
    issuer: options.issuer,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    userinfo_endpoint: endpoints.userinfo,
  });
});

test('another scope, audience or resource is another registration: its tokens are asked for anew', () => {
  const registrations = [
    {},
    { scope: 'read' },
    { scope: 'read write' },
    { resource: 'https://api.example.org/' },
    { authorizationParameters: { audience: 'orders' } },
  ];
  const fingerprints = registrations.map((changes) => fingerprintOf(oauthServer({ ...options, ...changes })));
  expect(new Set(fingerprints).size).toBe(registrations.length);
  expect(fingerprintOf(oauthServer({ ...options, authorizationParameters: { prompt: 'consent' } }))).toBe(
    fingerprints[0],
  );
});

test.each<[code: string, bad: Record<string, unknown>]>([
  ['option-invalid', { authorizationParameters: { state: 'mine' } }],
  ['option-invalid', { authorizationParameters: { redirect_uri: 'https://evil.example' } }],
  ['option-invalid', { authorizationParameters: { prompt: 7 } }],
  ['option-invalid', { authorizationParameters: 'prompt=consent' }],
  ['option-invalid', { tokenParameters: { grant_type: 'password' } }],
  ['option-invalid', { id: 'a b' }],
  ['option-invalid', { refusalStatuses: [] }],
  ['option-invalid', { refusalStatuses: [200] }],
  ['option-invalid', { refusalStatuses: 403 }],
  ['option-invalid', { endpoints: 'https://id.example.org' }],
  [
    'portal-insecure',
    { endpoints: { authorization: 'http://id.example.org', token: 'https://id.example.org' } },
  ],
  ['portal-url-invalid', { endpoints: { authorization: 'https://id.example.org' } }],
  ['portal-url-invalid', { issuer: 'id.example.org' }],
  ['portal-url-invalid', { issuer: 'https://id.example.org?x' }],
  ['portal-insecure', { issuer: 'http://id.example.org' }],
  ['portal-insecure', { resources: ['http://api.example.org/'] }],
  ['portal-url-invalid', { resources: ['*'] }],
  ['option-invalid', { resources: [] }],
  ['option-invalid', { resources: undefined }],
  ['option-invalid', { resources: 'https://api.example.org/' }],
  ['option-invalid', { tokenPlacement: 'cookie' }],
  ['client-id-missing', { clientId: undefined }],
])('refuses with %s: %j', (code, bad) => {
  expect(() => oauthServer({ ...options, ...bad })).toThrow(expect.objectContaining({ code }));
});

test('comes back from a sign-out at the page that it is told, under the rules of redirect URIs', () => {
  expect(oauthServer(options).postLogoutRedirectUri).toBeUndefined();
  expect(oauthServer({ ...options, postLogoutRedirectUri: '/bye.html' }).postLogoutRedirectUri).toBe(
    'https://app.example/bye.html',
  );
});

test.each([
  ['https://evil.example/', 'redirect-uri-outside-scope'],
  ['//evil.example/bye.html', 'redirect-uri-outside-scope'],
  ['/bye.html?next=1', 'redirect-uri-invalid'],
  ['/bye.html#there', 'redirect-uri-invalid'],
  ['', 'redirect-uri-invalid'],
  ['urn:ietf:wg:oauth:2.0:oob', 'option-invalid'],
])('does not come back from a sign-out at %j', (postLogoutRedirectUri, code) => {
  expect(() => oauthServer({ ...options, postLogoutRedirectUri })).toThrow(
    expect.objectContaining({ code }) as Error,
  );
});
