/** What servers say about pushed requests and proofs: an error for each, what was sent, and how often. */
import { afterEach, expect, test, vi } from 'vitest';
import { isIdentityError } from '../../protocol/errors.js';
import { oauthServer, type OAuthServerOptions } from '../portals/oauth-server.js';
import type { Portal } from '../portals/portal.js';
import { authorizationUrlOf } from './authorization-request.js';
import { OAuthError, TokenEndpointUnavailable } from './token-endpoint.js';

let count = 0;
let requests: { url: string; headers: Headers }[] = [];

/** A registration at an issuer of its own: metadata are remembered. */
function registered(options: Partial<OAuthServerOptions> = {}): Portal {
  count += 1;
  return oauthServer({
    issuer: `https://id${count}.example.org`,
    resources: ['https://api.example.org/'],
    clientId: 'app',
    redirectUri: '/signed-in.html',
    ...options,
  })('https://app.example/');
}

type Answer = { status?: number; body: unknown } | 'unreadable';

/** Answers requests by the end of their path, and metadata that have these members. */
function answer(portal: Portal, metadata: object, answers: Record<string, Answer> = {}): void {
  const issuer = portal.issuer ?? '';
  requests = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) => {
    if (url.includes('/.well-known/'))
      return Promise.resolve(
        Response.json({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          ...metadata,
        }),
      );
    requests.push({ url, headers: new Headers(init.headers) });
    const found = answers[url.slice(issuer.length + 1)];
    return found === undefined || found === 'unreadable'
      ? Promise.reject(new TypeError('Failed to fetch'))
      : Promise.resolve(Response.json(found.body, { status: found.status ?? 200 }));
  });
}

afterEach(() => vi.unstubAllGlobals());

const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return isIdentityError(error) ? [error.code, error.facts.oauthError] : error;
  }
  return 'nothing';
};

const begin = (portal: Portal) => codeOf(authorizationUrlOf(portal, 's', 'v'));

const redeem = (portal: Portal) =>
  codeOf(
    portal.authorizationServer.exchangeCode(portal, {
      code: 'c',
      state: 's',
      iss: undefined,
      request: { state: 's', codeVerifier: 'v'.repeat(43) },
    }),
  );

const pushing = (portal: Portal) => ({
  require_pushed_authorization_requests: true,
  pushed_authorization_request_endpoint: `${portal.issuer}/push`,
});

test.each<[name: string, pushed: Answer, expected: unknown]>([
  ['a refusal', { status: 400, body: { error: 'invalid_scope' } }, ['par-refused', 'invalid_scope']],
  [
    'a text for a word',
    { status: 400, body: { error: 'No, <b>never</b>' } },
    ['par-refused', 'invalid_request'],
  ],
  ['a success that is none', { status: 201, body: { expires_in: 60 } }, ['par-refused', 'invalid_request']],
  ['no answer that may be read', 'unreadable', ['par-unreadable', undefined]],
  ['trouble', { status: 503, body: {} }, ['portal-unreachable', undefined]],
  ['a want of proofs', { status: 400, body: { error: 'invalid_dpop_proof' } }, ['dpop-required', undefined]],
])('a pushed request with %s', async (_, pushed, expected) => {
  const portal = registered();
  answer(portal, pushing(portal), { push: pushed });
  expect(await begin(portal)).toEqual(expected);
  expect(requests).toHaveLength(1);
});

test('pushed requests that are demanded, and have no endpoint', async () => {
  const portal = registered();
  answer(portal, { require_pushed_authorization_requests: true });
  expect(await begin(portal)).toEqual(['par-endpoint-missing', undefined]);
  expect(requests).toEqual([]);
});

test('an endpoint for pushed requests by hand is used', async () => {
  const issuer = 'https://by-hand.example.org';
  const endpoints = {
    authorization: `${issuer}/a`,
    token: `${issuer}/t`,
    pushedAuthorization: `${issuer}/push`,
  };
  const portal = registered({ issuer, endpoints });
  answer(portal, {}, { push: { status: 201, body: { request_uri: 'urn:x', expires_in: 60 } } });
  expect(new URL(await authorizationUrlOf(portal, 's', 'v')).searchParams.get('request_uri')).toBe('urn:x');
});

test.each<[name: string, algorithms: unknown, expected: unknown]>([
  ['without ours', ['RS256', 'EdDSA'], ['dpop-unsupported', undefined]],
  ['none', [], ['dpop-unsupported', undefined]],
  ['no list', { ES256: true }, ['dpop-unsupported', undefined]],
  ['a list of what is none', [null, 7, {}], ['dpop-unsupported', undefined]],
  ['with ours', ['RS256', 'ES256'], 'nothing'],
  ['nothing', undefined, 'nothing'],
  ['null', null, 'nothing'],
])('algorithms of proofs: %s', async (_, algorithms, expected) => {
  const portal = registered({ dpop: true });
  answer(portal, { dpop_signing_alg_values_supported: algorithms });
  expect(await begin(portal)).toEqual(expected);
  // What a registration does not use is nothing to it.
  const plain = registered();
  answer(plain, { dpop_signing_alg_values_supported: algorithms });
  expect(await begin(plain)).toBe('nothing');
});

test.each<[name: string, dpop: boolean, answer: Answer, expected: unknown]>([
  ['bound tokens', false, { body: { access_token: 'a', token_type: 'DPoP' } }, ['dpop-required', undefined]],
  [
    'a refused proof',
    false,
    { status: 400, body: { error: 'invalid_dpop_proof' } },
    ['dpop-required', undefined],
  ],
  ['a nonce', false, { status: 400, body: { error: 'use_dpop_nonce' } }, ['dpop-required', undefined]],
  [
    'a want of proofs in words',
    false,
    { status: 400, body: { error: 'invalid_request', error_description: 'DPoP proof required' } },
    ['dpop-required', undefined],
  ],
  [
    'tokens that are not bound',
    true,
    { body: { access_token: 'a', token_type: 'Bearer' } },
    ['dpop-unsupported', undefined],
  ],
  [
    'a refused proof',
    true,
    { status: 400, body: { error: 'invalid_dpop_proof' } },
    ['dpop-refused', 'invalid_dpop_proof'],
  ],
  ['bound tokens', true, { body: { access_token: 'a', token_type: 'dpop' } }, 'nothing'],
  ['tokens of no type', true, { body: { access_token: 'a' } }, 'nothing'],
  ['tokens that are not bound', false, { body: { access_token: 'a', token_type: 'bearer' } }, 'nothing'],
])('a code is answered with %s, dpop: %s', async (_, dpop, token, expected) => {
  const portal = registered({ dpop });
  answer(portal, {}, { token });
  expect(await redeem(portal)).toEqual(expected);
  expect(requests.map(({ headers }) => headers.has('dpop'))).toEqual([dpop]);
});

test('a code that is refused by a server that knows proofs may have wanted one', async () => {
  const portal = registered();
  const refused = { status: 400, body: { error: 'invalid_grant' } };
  answer(portal, { dpop_signing_alg_values_supported: ['ES256'] }, { token: refused });
  expect(await redeem(portal)).toMatchObject({ reason: { code: 'dpop-required' } });
  const other = registered();
  answer(other, {}, { token: refused });
  expect(await redeem(other)).toEqual(new OAuthError('invalid_grant'));
});

test.each(['use_dpop_nonce', 'invalid_dpop_proof'])(
  'a refresh that is answered with %s costs no session, and is sent twice at most',
  async (error) => {
    const portal = registered({ dpop: true });
    answer(portal, {}, { token: { status: 400, body: { error } } });
    await expect(portal.authorizationServer.refresh(portal, 'r')).rejects.toBeInstanceOf(
      TokenEndpointUnavailable,
    );
    expect(requests).toHaveLength(error === 'use_dpop_nonce' ? 2 : 1);
  },
);
