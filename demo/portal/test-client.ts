// A small OAuth client for tests of the portal over HTTP.

import { createHash, randomBytes } from 'node:crypto';
import { startPortal, type Portal } from './index.js';

export const redirectUri = 'http://127.0.0.1:5999/oauth-callback.html';

/** A running portal and a client for it. */
export async function startWithClient(): Promise<{ portal: Portal; client: TestClient }> {
  const portal = await startPortal({ redirectUris: [redirectUri] });
  return { portal, client: new TestClient(portal) };
}

export type Json = Record<string, unknown>;

export interface SignIn {
  readonly username?: string;
  readonly password?: string;
  /** Parameters that replace the usual ones of the authorization request; `undefined` removes one. */
  readonly authorize?: Readonly<Record<string, string | undefined>>;
  readonly codeVerifier?: string;
}

export interface SignedIn {
  readonly code: string;
  readonly codeVerifier: string;
  readonly location: URL;
  readonly cookie: string;
}

export function s256(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier).digest('base64url');
}

export class TestClient {
  readonly #portal: Portal;

  constructor(portal: Portal) {
    this.#portal = portal;
  }

  get sharing(): string {
    return `${this.#portal.url}/sharing/rest`;
  }

  authorizeUrl(parameters: Readonly<Record<string, string | undefined>> = {}): string {
    return urlWith(`${this.sharing}/oauth2/authorize`, {
      client_id: 'idw-demo',
      response_type: 'code',
      redirect_uri: redirectUri,
      state: 'state-1',
      ...parameters,
    });
  }

  /** Opens the form and fills it in. @returns Where the portal redirects the user. */
  async signIn(options: SignIn = {}): Promise<SignedIn> {
    const codeVerifier = options.codeVerifier ?? randomBytes(32).toString('base64url');
    const form = await fetch(
      this.authorizeUrl({
        code_challenge: s256(codeVerifier),
        code_challenge_method: 'S256',
        ...options.authorize,
      }),
    );
    const response = await this.submit(await form.text(), {
      username: options.username ?? 'ana',
      password: options.password ?? `${options.username ?? 'ana'}-demo-1`,
    });
    const location = new URL(response.headers.get('location') ?? 'missing:');
    return {
      code: location.searchParams.get('code') ?? '',
      codeVerifier,
      location,
      cookie: (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '',
    };
  }

  submit(html: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1] ?? '';
    return fetch(action, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ oauth_state: oauthStateIn(html), ...fields }),
    });
  }

  async postForm(path: string, fields: Readonly<Record<string, string>>): Promise<Json> {
    return json(await this.post(path, fields));
  }

  post(path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    return fetch(`${this.sharing}${path}`, {
      method: 'POST',
      body: new URLSearchParams({ f: 'json', ...fields }),
    });
  }

  token(fields: Readonly<Record<string, string>>): Promise<Json> {
    return this.postForm('/oauth2/token', { client_id: 'idw-demo', ...fields });
  }

  redeem({ code, codeVerifier }: { code: string; codeVerifier: string }): Promise<Json> {
    return this.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
    });
  }

  /** A complete sign-in, up to the tokens. */
  async tokens(options: SignIn = {}): Promise<{ access: string; refresh: string; response: Json }> {
    const response = await this.redeem(await this.signIn(options));
    return { access: text(response['access_token']), refresh: text(response['refresh_token']), response };
  }

  refresh(refreshToken: string): Promise<Json> {
    return this.token({ grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  async serverToken(portalToken: string): Promise<string> {
    const response = await this.postForm('/generateToken', {
      token: portalToken,
      serverUrl: this.#portal.serverUrl,
    });
    return text(response['token']);
  }

  /** Requests a hosted service as JSON. */
  async hosted(
    path: string,
    token?: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<Json> {
    return json(
      await fetch(urlWith(`${this.#portal.hostedUrl}/${path}`, { f: 'json', token, ...parameters })),
    );
  }
}

export function oauthStateIn(html: string): string {
  return /name="oauth_state" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

export function urlWith(url: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const withParameters = new URL(url);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) withParameters.searchParams.set(name, value);
  }
  return withParameters.href;
}

export async function json(response: Response): Promise<Json> {
  return object(JSON.parse(await response.text()));
}

export function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new TypeError('Expected a JSON object.');
  return { ...value };
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('Expected a string.');
  return value;
}

/** The `code` of an error envelope; `undefined` where there is no error. */
export function errorCode(response: Json): unknown {
  return response['error'] === undefined ? undefined : object(response['error'])['code'];
}
