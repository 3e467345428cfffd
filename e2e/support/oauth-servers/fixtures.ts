/** What tests with servers of others start from: a server, an API that takes its tokens, and the app that is registered for both. */
import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import type { AppServerOptions } from '../../../demo/app-server.js';
import type { TestApp } from '../test-app.js';
import { serveApp, test as base, type Portal } from '../fixtures.js';
import { startApi, type Api } from './api.js';
import { startMockServer } from './mock-server.js';
import { startNodeOAuth } from './node-oauth.js';
import { startOidcProvider, type OidcProviderOptions } from './oidc-provider.js';
import { CLIENT_ID, type OAuthServer } from './server.js';

/** Which server, and what is special about this one. */
export type ServerChoice =
  ({ kind: 'oidc-provider' } & OidcProviderOptions) | { kind: 'node-oauth' } | { kind: 'mock-server' };

type Addresses = (server: OAuthServer, api: Api, portal: Portal) => Record<string, unknown>;

interface Options {
  choice: ServerChoice;
  /** Changes of the registration's options; see {@link changed}. */
  changes: { make: Addresses };
  /** Whether the API takes tokens for itself only. */
  isAudience: boolean;
}

/** Changes of the registration's options; a function where they need addresses. */
export const changed = (changes: Record<string, unknown> | Addresses): { make: Addresses } => ({
  make: typeof changes === 'function' ? changes : () => changes,
});

interface Fixtures {
  server: OAuthServer;
  api: Api;
  /** What the app registers. */
  deployment: Deployment;
}

/** What an app registers: it changes with an update of the app. */
interface Deployment {
  registrations: { arcgis: Record<string, unknown>[]; oauth: Record<string, unknown>[] };
  /** Answers requests at the app's own origin. */
  intercept?: AppServerOptions['intercept'];
}

const starts = {
  'oidc-provider': startOidcProvider,
  'node-oauth': startNodeOAuth,
  'mock-server': startMockServer,
} as const;

export const test = base.extend<Options & Fixtures>({
  choice: [{ kind: 'oidc-provider' }, { option: true }],
  changes: [changed({}), { option: true }],
  isAudience: [false, { option: true }],

  server: async ({ choice: { kind, ...options } }, use) => {
    const server = await starts[kind](options);
    await use(server);
    await server.close();
  },

  api: async ({ server, isAudience }, use) => {
    const api = await startApi({ server, isAudience });
    await use(api);
    await api.close();
  },

  deployment: async ({ portal, server, api, changes }, use) => {
    const registration = { ...registrationOf(server, api), ...changes.make(server, api, portal) };
    await use({ registrations: { arcgis: [], oauth: [registration] } });
  },

  appServer: async ({ portal, server, deployment, appHeaders, appHost }, use) => {
    const app = await serveApp(portal, {
      headers: appHeaders,
      host: appHost,
      intercept: (path, headers) =>
        path === '/worker.js' ? scriptOf(deployment) : deployment.intercept?.(path, headers),
    });
    await server.admit(app.url);
    await use(app);
    await app.close();
  },
});

/** The options of a registration. */
export const registrationOf = (server: OAuthServer, api: Api): Record<string, unknown> => ({
  issuer: server.issuer,
  resources: [api.url],
  clientId: CLIENT_ID,
  redirectUri: '/signed-in.html',
  scope: 'openid profile maps',
  name: 'Others',
});

/** The worker's script, as it is deployed now. */
async function scriptOf({
  registrations,
}: Deployment): Promise<{ headers: Record<string, string>; body: string }> {
  const text = JSON.stringify(JSON.stringify(registrations)).slice(1, -1);
  const script = await readFile('dist/e2e/worker.js', 'utf8');
  return {
    headers: { 'content-type': 'text/javascript' },
    body: script.replace('__IDENTITY_CONFIG__', () => text),
  };
}

/** The token endpoint of each server. */
const TOKEN_PATH = /^\/token$/;

/** Requests to the token endpoint, by grant. */
export const tokenRequests = ({ front }: OAuthServer, grantType?: string): number =>
  front.requests(TOKEN_PATH, ({ form }) => grantType === undefined || form.get('grant_type') === grantType)
    .length;

/** Changes the answers of the token endpoint, where they have tokens. */
export const changeTokens = (
  { front }: OAuthServer,
  members: Record<string, unknown>,
  times?: number,
): void => {
  front.change(
    TOKEN_PATH,
    (answer) => {
      if (answer.status !== 200) return;
      const body = { ...(JSON.parse(answer.body) as object), ...members };
      answer.body = JSON.stringify(body);
    },
    times,
  );
};

/** Answers refreshes in the server's place. @param body - Sent as HTML where it is a text. */
export const answerRefreshes = ({ front }: OAuthServer, status: number, body: unknown): void => {
  front.reply(TOKEN_PATH, ({ form, headers }) =>
    form.get('grant_type') === 'refresh_token'
      ? {
          status,
          headers: {
            'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
            'access-control-allow-origin': headers.origin ?? '*',
          },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }
      : undefined,
  );
};

/** Signs in by the app's button and the pages of the server. */
export async function signInByWindow(app: TestApp, user = 'ana'): Promise<void> {
  await passPages(await app.openSignInWindow(), user);
  await expect(app.page.getByRole('status')).toHaveText(/^signed in as /);
}

/** Signs in as an app with a sign-in of its own does; the browser has no session at the server, and its page saw no click. */
export async function signIn(app: TestApp, user = 'ana'): Promise<void> {
  const url = await app.run(
    () =>
      new Promise<string>((resolve, reject) => {
        const keep = (event: NonNullable<typeof window.challenge>): void => {
          event.preventDefault();
          window.challenge = event;
          resolve(event.authorizationUrl);
        };
        window.identity.addEventListener('oauth-code-required', keep, { once: true });
        window.outcome = window.identity.signIn().then(({ username }) => username ?? '');
        window.outcome.catch(reject);
      }),
  );
  // In a tab: a page that submits a code by a call has no `iss` to submit.
  const tab = await app.page.context().newPage();
  await tab.goto((await walkPages(url, app.url, user)).href);
  await app.run(() => window.outcome);
  await tab.close();
}

/** Passes the pages of a server without a browser. @returns The callback URL that they end at. */
async function walkPages(authorizationUrl: string, appUrl: string, user: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = authorizationUrl;
  let body: URLSearchParams | undefined;
  for (let step = 0; step < 20; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(body ? { method: 'POST', body } : {}),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    body = location === null ? new URLSearchParams({ username: user, password: 'any' }) : undefined;
    if (location !== null) url = new URL(location, url).href;
    if (url.startsWith(appUrl)) return new URL(url);
    if (answer.status >= 400) throw new Error(`${answer.status} ${await answer.text()}`);
  }
  throw new Error('The pages have no end.');
}

/** Passes the pages of a server in a window that closes by itself: who the user is, and whether the app may. */
export async function passPages(window: Page, user = 'ana'): Promise<void> {
  const closed = window.waitForEvent('close');
  await enter(window, user);
  await allow(window);
  await closed;
}

/** Fills in the page that asks who the user is. */
export async function enter(window: Page, user = 'ana'): Promise<void> {
  await window.getByLabel('Username').fill(user);
  await window.getByLabel('Password').fill('any');
  await window.getByRole('button', { name: 'Sign in' }).click();
}

/** Answers the page that asks whether the app may. */
export const allow = (window: Page): Promise<void> => window.getByRole('button', { name: 'Allow' }).click();
