/** What docs/migration.md and docs/oauth-servers.md show of an OAuth server, run as it stands there with the addresses made real. */
import { readFileSync } from 'node:fs';
import { startAppServer } from '../../demo/app-server.js';
import { expect, TestApp } from '../support/fixtures.js';
import { passPages, test } from '../support/oauth-servers/fixtures.js';
import { CLIENT_ID } from '../support/oauth-servers/server.js';

const page = (script: string): string =>
  `<!doctype html><html lang="en"><head><title>Guide</title><link rel="icon" href="data:,"></head><body>
  <button id="sign-in">Sign in</button><button id="sign-out">Sign out</button><output id="account"></output>
  <script type="module" src="/guide/${script}.js"></script></body></html>`;

test.use({ choice: { kind: 'oidc-provider', path: '/realms/maps' } });

test('a preset, and buttons: requests of the page are signed', async ({ page: tab, portal, server, api }) => {
  const site = await startAppServer({
    folders: ['dist/e2e/guide', 'dist/e2e', 'dist'],
    replacements: {
      'https://sso.example.org': server.front.origin,
      'https://api.example.org/': api.url,
      'my-client-id': CLIENT_ID,
    },
    intercept: (path) => {
      if (path === '/worker.js')
        return {
          headers: { 'content-type': 'text/javascript' },
          body: readFileSync('dist/e2e/guide/oidc-worker.js', 'utf8'),
        };
      const name = /^\/(account|signed-in)\.html$/.exec(path)?.[1];
      return name === undefined ? undefined : { headers: { 'content-type': 'text/html' }, body: page(name) };
    },
  });
  await server.admit(site.url);
  const app = new TestApp(tab, portal, site.url);
  const account = tab.locator('#account');
  await tab.goto(`${site.url}/account.html`);
  await expect(account).toHaveText('nobody');
  await passPages(await app.openSignInWindow());
  await expect(account).toHaveText(/ana$/);
  expect(await app.fetchJson(`${api.url}v1/tiles`)).toMatchObject({ path: '/v1/tiles' });
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await expect(account).toHaveText('nobody');
  await site.close();
});
