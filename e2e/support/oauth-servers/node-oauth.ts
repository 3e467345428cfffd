/**
 * @node-oauth/oauth2-server: the two endpoints and nothing else. No metadata, so that apps name the endpoints by hand; no ID token, no
 * `iss`, no revocation, no end of the session. A refresh token works once; the second use is refused, and ends nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import OAuth2Server from '@node-oauth/oauth2-server';
import { Front } from './front.js';
import { CLIENT_ID, redirectUrisOf, type OAuthServer } from './server.js';

type Model = OAuth2Server.AuthorizationCodeModel & OAuth2Server.RefreshTokenModel;

export async function startNodeOAuth(): Promise<OAuthServer> {
  const front = await Front.start();
  const store = new Store();
  const oauth = new OAuth2Server({
    model: store.model,
    requireClientAuthentication: { authorization_code: false, refresh_token: false },
  });
  await front.open((request, response) => {
    void respond(request, response).catch(() => response.writeHead(500).end());
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', front.origin);
    const cors = {
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-headers': 'content-type',
    };
    if (request.method === 'OPTIONS') return void response.writeHead(204, cors).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
    const asked = new OAuth2Server.Request({
      headers: request.headers as Record<string, string>,
      method: request.method ?? 'GET',
      query: Object.fromEntries(searchParams),
      body,
    });
    const answer = new OAuth2Server.Response({});
    if (pathname === '/authorize' && request.method === 'GET')
      return void response.writeHead(200, { 'content-type': 'text/html' }).end(loginPage);
    const username = body['username'] ?? '';
    if (pathname === '/authorize')
      await oauth
        .authorize(asked, answer, { authenticateHandler: { handle: () => ({ username }) } })
        .catch(() => undefined);
    else if (pathname === '/token') await oauth.token(asked, answer).catch(() => undefined);
    else return void response.writeHead(404, cors).end();
    response.writeHead(answer.status ?? 500, {
      ...cors,
      'content-type': 'application/json',
      ...answer.headers,
    });
    response.end(JSON.stringify(answer.body));
  }

  return {
    front,
    issuer: front.origin,
    check: (token) => {
      const found = store.accessTokens.get(token);
      return Promise.resolve(
        found && { user: String(found.user['username']), scope: (found.scope ?? []).join(' '), audience: [] },
      );
    },
    expireAccessTokens: () => store.accessTokens.clear(),
    admit: (appUrl) => {
      store.redirectUris = redirectUrisOf(appUrl);
      return Promise.resolve();
    },
    close: () => front.close(),
  };
}

/** What the server remembers. */
class Store {
  readonly accessTokens = new Map<string, OAuth2Server.Token>();
  readonly #refreshTokens = new Map<string, OAuth2Server.RefreshToken>();
  readonly #codes = new Map<string, OAuth2Server.AuthorizationCode>();
  redirectUris: string[] = [];

  readonly model: Model = {
    getClient: (id) =>
      Promise.resolve(
        id === CLIENT_ID && {
          id,
          grants: ['authorization_code', 'refresh_token'],
          redirectUris: this.redirectUris,
        },
      ),
    saveAuthorizationCode: (code, client, user) => {
      const saved = { ...code, client, user };
      this.#codes.set(code.authorizationCode, saved);
      return Promise.resolve(saved);
    },
    getAuthorizationCode: (code) => Promise.resolve(this.#codes.get(code)),
    revokeAuthorizationCode: ({ authorizationCode }) =>
      Promise.resolve(this.#codes.delete(authorizationCode)),
    saveToken: (token, client, user) => {
      const saved = { ...token, client, user };
      this.accessTokens.set(token.accessToken, saved);
      if (token.refreshToken !== undefined)
        this.#refreshTokens.set(token.refreshToken, { ...saved, refreshToken: token.refreshToken });
      return Promise.resolve(saved);
    },
    getAccessToken: (token) => Promise.resolve(this.accessTokens.get(token)),
    getRefreshToken: (token) => Promise.resolve(this.#refreshTokens.get(token)),
    revokeToken: ({ refreshToken }) => Promise.resolve(this.#refreshTokens.delete(refreshToken)),
    validateScope: (_, __, scope) => Promise.resolve(scope),
  };
}

const loginPage = `<!doctype html><html lang="en"><head><title>Sign in</title><link rel="icon" href="data:," /></head><body>
<h1>Sign in</h1><form method="post">
<label>Username <input name="username" /></label><label>Password <input name="password" type="password" /></label>
<button>Sign in</button></form></body></html>`;
