/**
 * oidc-provider, a certified OpenID provider. It rotates refresh tokens, ends the whole grant when an old one comes again or is
 * revoked, names itself in every response (`iss`), wants S256, and gives a refresh token for `offline_access` with `prompt=consent`.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { RequestContext } from 'oidc-provider';
import { Front } from './front.js';
import { CLIENT_ID, redirectUrisOf, signedOutUrisOf, type OAuthServer, type TokenFacts } from './server.js';
import { MemoryStore, type Payload } from './memory-store.js';

export interface OidcProviderOptions {
  /** Path of the issuer, such as `/realms/maps`. Default: none, the issuer is the origin. */
  path?: string;
  /** Refresh tokens for everybody, or as OpenID Connect Core §11 says. */
  refreshTokens?: 'always' | 'offline_access';
  /** Pushed authorization requests (RFC 9126): off, understood, or the only ones. */
  par?: 'off' | 'optional' | 'required';
  /** Tokens of this client are bound to a key (RFC 9449): not, by a proof, or by a proof with a nonce of the server. */
  dpop?: 'off' | 'required' | 'nonce';
  /** Scopes of the APIs that an authorization request may name (RFC 8707); without them it may name none. */
  resourceScopes?: string;
  /** `Cross-Origin-Opener-Policy: same-origin` on every page. */
  isolated?: boolean;
  /** Lives in s. */
  lifetimesS?: { accessToken?: number; idToken?: number };
  /** Whether users are asked for no consent, as for the organisation's own apps. */
  isFirstParty?: boolean;
  /** Whether the metadata name an `end_session_endpoint`. */
  endSession?: boolean;
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signingKey = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'of-the-tests' };

/** Starts the provider; it answers when it knows the app. */
export async function startOidcProvider(options: OidcProviderOptions = {}): Promise<OAuthServer> {
  const front = await Front.start();
  const issuer = front.origin + (options.path ?? '');
  const records = new Map<string, Payload>();
  let provider: Provider | undefined;
  return {
    front,
    issuer,
    check: async (token) => factsOf(await provider?.AccessToken.find(token)),
    expireAccessTokens: () => {
      for (const key of records.keys()) if (key.startsWith('AccessToken:')) records.delete(key);
    },
    async admit(appUrl) {
      provider = await quietly(async () => {
        const { default: OidcProvider } = await import('oidc-provider');
        return new OidcProvider(issuer, configurationOf(options, appUrl, records));
      });
      await front.open(listenerOf(provider, options));
    },
    close: () => front.close(),
  };
}

/** As at most servers, a user's identifier tells nothing to people. */
const subjectOf = (username: string | null): string => `4711-${username}`;
const userOf = (subject: string): string => subject.replace('4711-', '');

const factsOf = (token: Awaited<ReturnType<Provider['AccessToken']['find']>>): TokenFacts | undefined =>
  token && {
    user: userOf(token.accountId),
    scope: token.scope ?? '',
    audience: [token.aud ?? []].flat(),
    ...(token.jkt === undefined ? {} : { thumbprint: token.jkt }),
  };

function configurationOf(
  options: OidcProviderOptions,
  appUrl: string,
  records: Map<string, Payload>,
): Readonly<Record<string, unknown>> {
  const {
    refreshTokens = 'always',
    par = 'off',
    dpop = 'off',
    resourceScopes = '',
    lifetimesS = {},
  } = options;
  return {
    adapter: (model: string) => new MemoryStore(records, model),
    jwks: { keys: [signingKey] },
    cookies: { keys: ['of-the-tests'] },
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: redirectUrisOf(appUrl),
        post_logout_redirect_uris: signedOutUrisOf(appUrl),
        id_token_signed_response_alg: 'ES256',
        ...(dpop === 'off' ? {} : { dpop_bound_access_tokens: true }),
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'] },
    scopes: ['openid', 'profile', 'email', 'offline_access', 'maps', 'edits'],
    findAccount: (_: unknown, accountId: string) => ({
      accountId,
      claims: () => ({
        sub: accountId,
        preferred_username: userOf(accountId),
        email: `${userOf(accountId)}@example.org`,
      }),
    }),
    clientBasedCORS: (_: unknown, origin: string) => origin === appUrl,
    rotateRefreshToken: true,
    ...(refreshTokens === 'always' ? { issueRefreshToken: () => true } : {}),
    ...(options.isFirstParty ? { loadExistingGrant: grantWithoutConsent } : {}),
    ttl: {
      AccessToken: lifetimesS.accessToken ?? 3600,
      IdToken: lifetimesS.idToken ?? 3600,
      AuthorizationCode: 60,
      Grant: 86_400,
      Interaction: 3600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: options.endSession ?? true, logoutSource },
      pushedAuthorizationRequests: {
        enabled: par !== 'off',
        requirePushedAuthorizationRequests: par === 'required',
      },
      dPoP: {
        enabled: dpop !== 'off',
        ...(dpop === 'nonce' ? { nonceSecret: Buffer.alloc(32, 1), requireNonce: () => true } : {}),
      },
      resourceIndicators: {
        enabled: resourceScopes !== '',
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: resourceScopes,
          audience: resource,
          accessTokenFormat: 'opaque',
        }),
        useGrantedResource: () => true,
      },
    },
  };
}

/** As oidc-provider's documentation has it for apps of one's own. */
async function grantWithoutConsent({ oidc }: RequestContext): Promise<unknown> {
  const { provider, session, params } = oidc;
  const known = session?.grantIdFor(CLIENT_ID);
  const found = known === undefined ? undefined : await provider.Grant.find(known);
  if (found || session?.accountId === undefined) return found;
  const grant = new provider.Grant({ clientId: CLIENT_ID, accountId: session.accountId });
  grant.addOIDCScope(String(params?.['scope']));
  await grant.save();
  return grant;
}

/** The page that asks whether the user wants to leave: with a button, as the standard advises. */
function logoutSource(ctx: { body: string }, form: string): void {
  ctx.body = page(
    'Sign out',
    `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`,
  );
}

/** The provider with its sign-in pages, and its headers. */
function listenerOf(
  provider: Provider,
  { isolated = false, path = '' }: OidcProviderOptions,
): RequestListener {
  const answer = provider.callback();
  return (request, response) => {
    if (isolated) response.setHeader('cross-origin-opener-policy', 'same-origin');
    if (!request.url?.startsWith('/interaction/')) {
      answer(mounted(request, path), response);
      return;
    }
    interact(provider, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  };
}

/** The request as the provider's own routes have it; it finds its path by the difference. */
const mounted = (request: IncomingMessage, path: string): IncomingMessage =>
  request.url?.startsWith(`${path}/`) === true
    ? Object.assign(request, { originalUrl: request.url, url: request.url.slice(path.length) })
    : request;

/** Asks for the user's name, and whether the app may have what it wants. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(prompt.name === 'login' ? loginPage : consentPage(String(params['scope'])));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  const finish = (result: Record<string, unknown>): Promise<void> =>
    provider.interactionFinished(request, response, result);
  if (form.get('action') === 'cancel') return finish({ error: 'access_denied' });
  if (prompt.name === 'login') return finish({ login: { accountId: subjectOf(form.get('username')) } });
  // Another permission joins those that the user has given already.
  const given = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant = given ?? new provider.Grant({ accountId: session?.accountId ?? '', clientId: CLIENT_ID });
  grant.addOIDCScope(String(params['scope']));
  for (const resource of [params['resource'] ?? []].flat() as string[])
    grant.addResourceScope(resource, String(params['scope']));
  return finish({ consent: { grantId: await grant.save() } });
}

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><title>${title}</title><link rel="icon" href="data:," /></head><body><h1>${title}</h1>${body}</body></html>`;

const form = (fields: string, button: string): string =>
  `<form method="post">${fields}<button>${button}</button><button name="action" value="cancel">Cancel</button></form>`;

const loginPage = page(
  'Sign in',
  form(
    '<label>Username <input name="username" /></label><label>Password <input name="password" type="password" /></label>',
    'Sign in',
  ),
);

const consentPage = (scope: string): string => page('Permissions', form(`<p>${scope}</p>`, 'Allow'));

/** The provider tells of the runtime that it was not tested with, and of addresses that are not https. */
async function quietly<T>(make: () => Promise<T>): Promise<T> {
  const { info, warn } = console;
  console.info = console.warn = () => undefined;
  try {
    return await make();
  } finally {
    Object.assign(console, { info, warn });
  }
}
