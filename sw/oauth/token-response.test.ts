/** Token responses as servers really send them, and ID tokens, which tell a name and nothing more. */
import {
  assert,
  boolean,
  constant,
  constantFrom,
  integer,
  object,
  oneof,
  property,
  record,
  string,
} from 'fast-check';
import { expect, test } from 'vitest';
import { OAuthError, TokenEndpointUnavailable } from './token-endpoint.js';
import { claimsOf, isErrorWord, parseTokenResponse, nameIn } from './token-response.js';

const parse = (json: unknown, status = 200) =>
  parseTokenResponse({ status, text: JSON.stringify(json) }, ({ error }) =>
    isErrorWord(error) ? error : 'invalid_request',
  );

test.each<[name: string, extra: object]>([
  ['no type', {}],
  ['an odd type', { token_type: 'urn:ietf:params:oauth:token-type:access_token' }],
  ['a type of null', { token_type: null }],
  ['a scope of null', { scope: null }],
  ['scopes as a list', { scope: ['read', 'write'] }],
  ['a refresh token of null', { refresh_token: null }],
  ['an empty refresh token', { refresh_token: '' }],
  ['a refresh token that is no text', { refresh_token: {} }],
  ['an ID token of null', { id_token: null }],
  ['an ID token that is no text', { id_token: 7 }],
  ['a life of 0', { expires_in: 0 }],
  ['a life of null', { expires_in: null }],
  ['a negative life', { expires_in: -1 }],
  ['a life that is no number', { expires_in: 'soon' }],
  ['an error of null', { error: null }],
  ['a name of null', { username: null }],
])('a response with %s is a token', (_, extra) => {
  const { tokens, idToken } = parse({ access_token: 'a', ...extra });
  expect({ tokens, idToken }).toEqual({
    tokens: { accessToken: 'a' },
    idToken: undefined,
  });
});

test('a life may be a text', () => {
  expect(parse({ access_token: 'a', expires_in: '3600' }).tokens.expiresInS).toBe(3600);
});

test.each(['invalid_grant', 'invalid_request', 'interaction_required', 'access_denied', 'mfa_required'])(
  'the error %s is a refusal, whatever the status',
  (error) => {
    for (const status of [200, 400, 401, 403])
      expect(() => parse({ error, error_description: 'text' }, status)).toThrow(OAuthError);
  },
);

test.each(['temporarily_unavailable', 'server_error', 'slow_down'])('the error %s is none', (error) => {
  expect(() => parse({ error }, 400)).toThrow(TokenEndpointUnavailable);
});

test('whatever comes is tokens, a refusal or none of both', () => {
  const member = oneof(string(), integer(), constant(null), boolean(), object());
  const response = record(
    {
      access_token: member,
      refresh_token: member,
      expires_in: member,
      token_type: member,
      id_token: member,
      error: member,
      username: member,
    },
    { requiredKeys: [] },
  );
  assert(
    property(response, constantFrom(200, 400, 401, 403), (json, status) => {
      try {
        const { tokens } = parse(json, status);
        expect(tokens.accessToken).toMatch(/^[\x21-\x7e]+$/);
        expect(tokens.expiresInS ?? 1).toBeGreaterThan(0);
      } catch (error) {
        expect(error instanceof OAuthError || error instanceof TokenEndpointUnavailable, String(error)).toBe(
          true,
        );
      }
    }),
    { numRuns: 2_000 },
  );
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const idToken = (claims: object): string => `${encode({ alg: 'RS256' })}.${encode(claims)}.signature`;
const expected = { issuer: 'https://id.example.org', clientId: 'app', nonce: 'n' };
const claims = { iss: 'https://id.example.org', aud: 'app', nonce: 'n', sub: '7', preferred_username: 'Zoë' };

test('an ID token tells the name, however wrong the clock', () => {
  expect(nameIn(claimsOf(idToken({ ...claims, exp: 1, iat: 9e12, nbf: 9e12 }), expected))).toBe('Zoë');
  expect(nameIn(claimsOf(idToken({ ...claims, aud: ['other', 'app'] }), expected))).toBe('Zoë');
  expect(nameIn({ name: '', email: 'z@example.org' })).toBe('z@example.org');
});

test.each<[name: string, token: string | undefined]>([
  ['another issuer', idToken({ ...claims, iss: 'https://evil.example' })],
  ['another client', idToken({ ...claims, aud: 'other' })],
  ['another sign-in', idToken({ ...claims, nonce: 'other' })],
  ['no claims', 'text'],
  ['claims that are no JSON', `a.${Buffer.from('no').toString('base64url')}.c`],
  ['claims that are no base64', 'a.%%%.c'],
  ['nothing', undefined],
])('an ID token of %s tells no name', (_, token) => {
  expect(claimsOf(token, expected)).toBeUndefined();
});
