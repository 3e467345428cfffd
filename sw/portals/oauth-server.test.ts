/** OAuth servers as registrations: the issuer stays as written, and the token has to be wanted somewhere. */
import { expect, test } from 'vitest';
import { oauthServer as registerOauthServer, type OAuthServerOptions } from './oauth-server.js';
import type { Portal } from './portal.js';

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

test.each<[code: string, bad: Record<string, unknown>]>([
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
