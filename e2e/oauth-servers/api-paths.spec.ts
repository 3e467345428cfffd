/** Addresses of APIs: what looks like a token endpoint and is none gets the token. */
import { expect } from '../support/fixtures.js';
import { changed, signIn, test } from '../support/oauth-servers/fixtures.js';

const paths = [
  'oauth2/applications',
  'oauth2/token-exchange/list',
  'oauth2/token/1',
  'tokens',
  'tokens/design',
  'tokensale',
  'generateToken',
  'items/a%2Fb',
  'items/a%2fb/c',
  'authorize/new',
  'sharing/rest/oauth2/apps',
];

test('API paths that look like OAuth’s get the token', async ({ app, api }) => {
  await app.open();
  await signIn(app);
  for (const path of paths)
    expect(await app.fetchJson(api.url + path), path).toMatchObject({ user: 'ana', path: `/${path}` });
});

/** The endpoints that issue or end tokens, in spellings that a server may take for them. */
const endpoints = [
  '/token',
  '/token/',
  '/TOKEN',
  '//token',
  '/%74oken',
  '/token;a=b',
  '/token%2F',
  '/token/revocation',
  '/me/../token',
  '/me/..%2Ftoken',
];

test.describe('an API at the server itself', () => {
  test.use({ changes: changed(({ issuer }) => ({ resources: [`${issuer}/`] })) });

  test('has its endpoints left alone', async ({ app, server }) => {
    await app.open();
    await signIn(app);
    server.front.clear();
    for (const path of endpoints) await app.fetch(server.issuer + path, { mode: 'no-cors' });
    const signed = server.front.requests(/./, ({ headers }) => headers['authorization'] !== undefined);
    expect(signed.map(({ path }) => path)).toEqual([]);
    // A control: the others are signed.
    expect(await app.fetchJson(`${server.issuer}/me`)).toMatchObject({ preferred_username: 'ana' });
  });
});

test.describe('an API that answers with 403 for want of a token', () => {
  test.use({ changes: changed({ refusalStatuses: [401, 403] }) });

  test('gets a renewed token, and a prompt', { tag: ['@user-interface'] }, async ({ app, server, api }) => {
    api.front.change(/./, (answer) => {
      if (answer.status === 401) answer.status = 403;
    });
    await app.open();
    await signIn(app);
    server.expireAccessTokens();
    expect(await app.fetchJson(api.url)).toMatchObject({ user: 'ana' });
    await app.run(() => window.identity.signOut());
    void app.fetch(`${api.url}2`).catch(() => undefined);
    await app.waitForDialog();
  });
});
