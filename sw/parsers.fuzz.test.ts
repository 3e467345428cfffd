/** What servers answer, what pages call, and what the database holds: whatever it is, nothing is thrown but typed errors. */
import { afterEach, beforeEach, vi } from 'vitest';
import { fuzz, SECRET } from '../protocol/fuzz.test-support.js';
import { IdentityError } from '../protocol/identity-error.js';
import { isRecord } from '../protocol/record.js';
import { INJECTED_KEYS_PROPERTY } from '../protocol/sealed-script.js';
import { toTokenResponse } from './oauth/arcgis-server.js';
import { discover, DiscoveryFailed, isWebAddress } from './oauth/discovery.js';
import { stepUpOf } from './oauth/step-up.js';
import { OAuthError, TokenEndpointUnavailable, unavailableFrom } from './oauth/token-endpoint.js';
import { claimsOf, nameIn, type Json } from './oauth/token-response.js';
import { outcomeOf } from './offline/edit-answer.js';
import { conditionsFor, isFresh, isKeepable, lifetimeMs } from './offline/freshness.js';
import { isContent } from './offline/storable.js';
import { readOwningPortal } from './parts/federation.js';
import { injectedEncrypter, takeInjectedKeys } from './parts/sealed-level.js';
import { serverRootOf } from './portals/portal-index.js';
import type { Portal } from './portals/portal.js';
import { auth0, cognito, entraId, keycloak, okta } from './presets.js';
import { classifyResponse, parseEnvelope, statusByContent } from './request/classify-response.js';
import { isPlainCall } from './rpc/port-gate.js';
import { parseState } from './storage/records.js';
import { AppTokenCache } from './tokens/app-tokens.js';
import { exchangeForServer } from './tokens/server-tokens.js';

const issuer = 'https://id.example.org';
const url = 'https://gis.example.org/server/rest/services/a/MapServer?f=json';
const json = (value: unknown): string => JSON.stringify(value);
const random = 'r'.repeat(43);

/** What the server answers to every request. */
let answer = '';
beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(answer)));
});
afterEach(() => void vi.unstubAllGlobals());

const answering =
  <T>(ask: () => Promise<T>) =>
  (text: string): Promise<T> => {
    answer = text;
    return ask();
  };

const isToken = (output: { accessToken: unknown; expiresInS?: unknown }): boolean =>
  typeof output.accessToken === 'string' &&
  (output.expiresInS === undefined || (Number.isInteger(output.expiresInS) && Number(output.expiresInS) > 0));

/** A header cannot hold every text. */
const headers = (name: string, value: string): Headers => {
  const made = new Headers();
  try {
    made.set(name, value);
  } catch {
    // Then no server can send it.
  }
  return made;
};

const base64 = (value: unknown): string => btoa(json(value)).replaceAll('+', '-').replaceAll('/', '_');

fuzz([
  {
    name: 'token answers',
    valid: [
      json({ access_token: SECRET, expires_in: 1800, refresh_token: SECRET, username: 'ana' }),
      json({ error: { code: 400, error: 'invalid_grant', message: `Invalid refresh_token ${SECRET}` } }),
      json({ error: 'invalid_grant', error_description: SECRET }),
    ],
    parse: (text: string) => toTokenResponse({ status: 200, text }),
    errors: [OAuthError, TokenEndpointUnavailable],
    check: isToken,
  },
  {
    name: 'answers with a server token',
    isSlow: true,
    valid: [json({ token: SECRET, expires: 4e12 }), json({ error: { code: 498, message: SECRET } })],
    parse: answering(() => exchangeForServer({ url: issuer } as Portal, SECRET, `${issuer}/server`)),
    errors: [OAuthError, TokenEndpointUnavailable],
    check: isToken,
  },
  {
    name: 'tokens of the app from its server',
    isSlow: true,
    valid: [json({ access_token: SECRET, expires_in: 600 }), json({ sealed: [SECRET, btoa(SECRET)] })],
    parse: answering(async () => {
      const reported: unknown[] = [];
      vi.stubGlobal('self', { reportError: (error: unknown) => reported.push(error) });
      const tokens = new AppTokenCache({ url: issuer } as Portal, `${issuer}/tokens`);
      if (answer.includes('sealed')) tokens.sealedBy(injectedEncrypter(['A'.repeat(43)]));
      return [await tokens.token({ serverRoot: undefined }), reported] as const;
    }),
    check: ([token, reported]: [unknown, unknown[]]) =>
      (token === undefined || (typeof token === 'string' && token !== '')) &&
      reported.every((error) => error instanceof IdentityError && !json(error.facts).includes(SECRET)),
  },
  {
    name: 'injected keys',
    isSlow: true,
    isAny: true,
    valid: [{ [INJECTED_KEYS_PROPERTY]: ['A'.repeat(43), 'B'.repeat(43)] }],
    parse: async (scope: Record<string, unknown> | null) => {
      const keys = takeInjectedKeys(scope ?? {});
      return keys.length === 0 ? undefined : (await injectedEncrypter(keys)()).encrypt(SECRET, '');
    },
    check: (box: { iv: Uint8Array } | undefined) => box === undefined || box.iv.byteLength === 12,
  },
  {
    name: 'bodies that may be kept',
    valid: [
      json({ features: [{ attributes: { status: 'error' } }] }),
      json({ status: 'error', code: 401 }),
      '<?xml version="1.0"?><!-- a --><html>',
      '/**/callback({"error":{"code":498}});',
    ],
    parse: (text: string) => isContent(new TextEncoder().encode(text)),
    check: (isKept: boolean, text: string) =>
      typeof isKept === 'boolean' && !(isKept && text.startsWith('{"error":{')),
  },
  {
    name: 'ID tokens',
    valid: [`e30.${base64({ iss: issuer, aud: ['abc'], preferred_username: 'ana' })}.${SECRET}`],
    parse: (text: string) => claimsOf(text, { issuer, clientId: 'abc', nonce: undefined }),
    check: (claims: Json | undefined) =>
      claims === undefined ||
      (claims['iss'] === issuer && /^(undefined|string)$/.test(typeof nameIn(claims))),
  },
  {
    name: 'metadata',
    isSlow: true,
    valid: [
      json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        code_challenge_methods_supported: ['S256'],
        dpop_signing_alg_values_supported: ['ES256'],
      }),
    ],
    parse: answering(() => discover(issuer)),
    errors: [DiscoveryFailed],
    check: (found: Record<string, unknown>) =>
      isWebAddress(found['authorization_endpoint']) && isWebAddress(found['token_endpoint']),
  },
  {
    name: 'rest/info',
    isSlow: true,
    valid: [
      json({ currentVersion: 11.3, owningSystemUrl: 'https://gis.example.org/portal' }),
      '{"error":{}}',
    ],
    parse: answering(() => readOwningPortal('https://gis.example.org/server')),
    check: (portal: unknown) =>
      portal === undefined || portal === null || (typeof portal === 'string' && URL.canParse(portal)),
  },
  {
    name: 'error answers',
    isSlow: true,
    valid: [
      json({ error: { code: 498, message: `Invalid token ${SECRET}`, messageCode: 'GWM_0003', subcode: 1 } }),
      'callback({"error":{"code":499}});',
      '<ServiceExceptionReport>Token required</ServiceExceptionReport>',
      '{"status":"error","code":401}',
    ],
    parse: async (text: string) => {
      const sent = { kind: 'arcgis', url: new URL(url), isSigned: true } as const;
      const init = { headers: { 'content-type': 'application/json' } };
      return [
        await classifyResponse(new Response(text, init), sent),
        await statusByContent(new Response(text, init), sent),
        parseEnvelope(text),
      ] as const;
    },
    check: ([as, status, envelope]: [string, number, unknown]) =>
      /^(ok|auth-required|token-rejected)$/.test(as) &&
      Number.isInteger(status) &&
      (envelope === undefined || (isRecord(envelope) && Number.isFinite(envelope['code']))),
  },
  {
    name: 'WWW-Authenticate',
    isSlow: true,
    valid: [
      `Bearer realm="a", error="insufficient_scope", scope="read write"`,
      `Bearer error="insufficient_user_authentication", acr_values="a b", max_age="5"`,
      `DPoP error="use_dpop_nonce", Bearer error="invalid_token", error_description="${SECRET}"`,
    ],
    parse: (text: string) =>
      stepUpOf(
        { authorizationParameters: {} },
        new Response('', { status: 401, headers: headers('www-authenticate', text) }),
      ),
    check: (stepUp: { parameters: Record<string, unknown> } | undefined) =>
      Object.entries(stepUp?.parameters ?? {}).every(
        ([name, value]) => /^(scope|acr_values|max_age)$/.test(name) && String(value).length <= 1024,
      ),
  },
  {
    name: 'Retry-After and freshness',
    isSlow: true,
    valid: ['120', 'Wed, 21 Oct 2037 07:28:00 GMT', 'max-age=60, must-revalidate', '"etag"'],
    parse: (text: string) => {
      const { retryAfterMs } = unavailableFrom(
        new Response('', { status: 503, headers: headers('retry-after', text) }),
      );
      return ['cache-control', 'expires', 'age', 'date', 'etag', 'last-modified'].map((name) => {
        const given = headers(name, text);
        const kept = [isKeepable(given), isFresh(given, 1, 2), conditionsFor(given)] as const;
        return [retryAfterMs, lifetimeMs(given, 1), kept] as const;
      });
    },
    check: (output: [number, number, unknown][]) => output.every(([after, life]) => after >= 0 && life >= 0),
  },
  {
    name: 'stored records',
    isAny: true,
    valid: [
      {
        credentials: [
          { portal: issuer, fingerprint: 'f', obtainedAtMs: 1, accessToken: SECRET, refreshToken: 'r' },
        ],
        challenges: [
          {
            id: 'a',
            portal: issuer,
            fingerprint: 'f',
            state: random,
            codeVerifier: random,
            madeAtMs: 1,
            phase: 'open',
          },
        ],
        servers: [{ root: `${issuer}/server`, portal: null, checkedAtMs: 1 }],
        revocations: [{ portal: issuer, token: SECRET, hint: 'refresh_token' }],
        partitions: [{ portal: issuer, fingerprint: 'f', id: random, username: 'ana' }],
      },
    ],
    parse: parseState,
    check: ({ credentials, challenges, servers, revocations, partitions }: ReturnType<typeof parseState>) =>
      credentials.every(
        ({ accessToken, obtainedAtMs }) => typeof accessToken === 'string' && Number.isFinite(obtainedAtMs),
      ) &&
      challenges.every(({ state, phase }) => state.length === 43 && typeof phase === 'string') &&
      servers.every(({ root }) => URL.canParse(root)) &&
      revocations.every(({ token }) => typeof token === 'string') &&
      partitions.every(({ username }) => typeof username === 'string'),
  },
  {
    name: 'calls of pages',
    isAny: true,
    valid: [{ id: '1', type: 'APPLY', path: ['signIn'], argumentList: [{ type: 'RAW', value: issuer }] }],
    parse: (data: unknown) => (isPlainCall(data, ['signIn', 'state']) ? data : undefined),
    check: (call: { path: string[]; argumentList: { type: string }[] } | undefined) =>
      call === undefined ||
      (/^(signIn|state)$/.test(call.path[0] ?? '') && call.argumentList.every(({ type }) => type === 'RAW')),
  },
  {
    name: 'answers to edits',
    isSlow: true,
    valid: [
      json({
        addResults: [{ success: true }],
        updateResults: [{ success: false, error: { description: SECRET } }],
      }),
      json({ error: { code: 500, message: SECRET } }),
    ],
    parse: (text: string) =>
      outcomeOf(
        new Request(url, { method: 'POST', body: 'f=json' }),
        new Response(text, { headers: { 'content-type': 'application/json' } }),
        'arcgis',
      ),
    check: (outcome: unknown) =>
      outcome === 'taken' ||
      (isRecord(outcome) &&
        outcome['error'] instanceof IdentityError &&
        !json(outcome['error'].facts).includes(SECRET)),
  },
  {
    name: 'addresses of services',
    valid: [
      url,
      'https://gis.example.org/a/b/rest/info',
      'https://gis.example.org/arcgis/services/x/MapServer/WMSServer',
    ],
    parse: (text: string) => (URL.canParse(text) ? serverRootOf(new URL(text)) : undefined),
    check: (root: unknown) => root === undefined || (typeof root === 'string' && root !== ''),
  },
  {
    name: 'presets',
    isAny: true,
    valid: [
      {
        domain: 'a.example.org',
        tenant: 'a',
        url: issuer,
        realm: 'a',
        userPoolId: 'eu-west-1_Ab1',
        clientId: 'abc',
      },
    ],
    parse: (given: unknown) => {
      const options = { redirectUri: '/signed-in.html', resources: [`${issuer}/api/`], ...(given as object) };
      return [auth0, cognito, entraId, keycloak, okta].map((preset) => {
        try {
          return preset(options as never)('https://app.example/').url;
        } catch (error) {
          if (error instanceof IdentityError) return '';
          throw error;
        }
      });
    },
    check: (urls: string[]) => urls.every((each) => each === '' || URL.canParse(each)),
  },
]);
