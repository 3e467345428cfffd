/** The authorization URL of a sign-in, as each kind of server wants it. */
import { afterEach, expect, test, vi } from 'vitest';
import type { SignInParameters } from '../../protocol/worker-api.js';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { oauthServer, type OAuthServerOptions } from '../portals/oauth-server.js';
import { authorizationUrlOf, signOutUrl } from './authorization-request.js';

const SCOPE = 'https://app.example/';
const shared = { clientId: 'app', redirectUri: '/signed-in.html' };
const arcgis = arcgisEnterprise({ url: 'https://gis.example.org/portal', ...shared })(SCOPE);
const oauth = (options: Partial<OAuthServerOptions> = {}) =>
  oauthServer({
    issuer: 'https://id.example.org',
    resources: ['https://api.example.org/'],
    endpoints: { authorization: 'https://id.example.org/authorize', token: 'https://id.example.org/token' },
    ...shared,
    ...options,
  })(SCOPE);

const parametersOf = async (
  portal: Parameters<typeof authorizationUrlOf>[0],
  parameters?: SignInParameters,
): Promise<Record<string, string>> =>
  Object.fromEntries(new URL(await authorizationUrlOf(portal, 's', 'v', parameters)).searchParams);

const always = {
  client_id: 'app',
  response_type: 'code',
  redirect_uri: 'https://app.example/signed-in.html',
  state: 's',
  code_challenge: expect.stringMatching(/^[\w-]{43}$/) as unknown,
  code_challenge_method: 'S256',
};

afterEach(() => vi.unstubAllGlobals());

test.each<[name: string, portal: typeof arcgis, parameters: SignInParameters, added: object]>([
  ['ArcGIS', arcgis, {}, {}],
  ['ArcGIS, the form', arcgis, { forceLogin: true }, { force_login: 'true' }],
  ['ArcGIS knows no silent one and no hint', arcgis, { silent: true, loginHint: 'ana' }, {}],
  ['OAuth', oauth(), {}, {}],
  ['OAuth, the form', oauth(), { forceLogin: true }, { prompt: 'login' }],
  ['OAuth, silent', oauth(), { silent: true, forceLogin: true }, { prompt: 'none' }],
  ['OAuth, with a hint', oauth(), { loginHint: 'ana@example.org' }, { login_hint: 'ana@example.org' }],
])('%s', async (_, portal, parameters, added) => {
  expect(await parametersOf(portal, parameters)).toEqual({ ...always, ...added });
});

test('parameters of the registration are added, and give way to what a sign-in asks for', async () => {
  const portal = oauth({
    scope: 'read',
    resource: 'https://api.example.org/',
    authorizationParameters: { prompt: 'consent', audience: 'orders' },
  });
  const added = { scope: 'read', resource: 'https://api.example.org/', audience: 'orders' };
  expect(await parametersOf(portal)).toEqual({ ...always, ...added, prompt: 'consent' });
  expect(await parametersOf(portal, { silent: true })).toEqual({ ...always, ...added, prompt: 'none' });
});

test('OpenID servers are sent a nonce that differs for each request', async () => {
  const first = await parametersOf(oauth({ scope: 'openid profile' }));
  expect(first['nonce']).toMatch(/^[\w-]{43}$/);
  const url = await authorizationUrlOf(oauth({ scope: 'openid' }), 's', 'another');
  expect(new URL(url).searchParams.get('nonce')).not.toBe(first['nonce']);
});

const metadata = {
  issuer: 'https://par.example.org',
  authorization_endpoint: 'https://par.example.org/authorize',
  token_endpoint: 'https://par.example.org/token',
  pushed_authorization_request_endpoint: 'https://par.example.org/par',
  require_pushed_authorization_requests: true,
};

test('a server that wants requests pushed is sent them, and the URL holds none of their parameters', async () => {
  const pushed: Record<string, string>[] = [];
  vi.stubGlobal('fetch', async (input: string, init: RequestInit) => {
    if (init.method !== 'POST') return Response.json(metadata);
    pushed.push(Object.fromEntries(new URLSearchParams(await new Response(init.body).text())));
    return Response.json({ request_uri: 'urn:request:1', expires_in: 60 }, { status: 201 });
  });
  const portal = oauthServer({
    issuer: 'https://par.example.org',
    resources: ['https://api.example.org/'],
    scope: 'read',
    ...shared,
  })(SCOPE);
  expect(await parametersOf(portal, { forceLogin: true })).toEqual({
    client_id: 'app',
    request_uri: 'urn:request:1',
    state: 's',
  });
  expect(pushed).toEqual([{ ...always, scope: 'read', prompt: 'login' }]);
});

test('the page that ends the session of the server, where it has one', async () => {
  const withPage = oauth({
    endpoints: {
      authorization: 'https://id.example.org/authorize',
      token: 'https://id.example.org/token',
      endSession: 'https://id.example.org/logout',
    },
  });
  expect(await signOutUrl(withPage)).toBe(
    'https://id.example.org/logout?client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fsigned-in.html',
  );
  await expect(signOutUrl(oauth())).rejects.toMatchObject({ code: 'sign-out-unsupported' });
});
