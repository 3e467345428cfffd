/** The snippets of the README and the guides, run as they stand there; only their example addresses are made real. */
import { readFileSync } from 'node:fs';
import { startAppServer, type AppServer } from '../../demo/app-server.js';
import { expect, test as base, TestApp, type Portal } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { fillInForm } from '../support/oauth-client.js';

const shell = (script: string): string =>
  `<!doctype html><html lang="en"><head><title>Guide</title><link rel="icon" href="data:,"></head><body>
  <button id="sign-in">Sign in</button><button id="sign-out">Sign out</button><output id="account"></output><iframe title="Blank"></iframe>
  <script type="module" src="/guide/${script}.js"></script></body></html>`;

const scriptTagPage = readFileSync('e2e/pages/guide/script-tag.html', 'utf8');

/** @param worker - File of the worker behind /worker.js, where it is not the one of the first example. */
const serve = (portal: Portal, worker?: string): Promise<AppServer> =>
  startAppServer({
    folders: ['dist/e2e/guide', 'dist/e2e', 'dist'],
    replacements: {
      'https://gis.example.org/portal': portal.url,
      'https://gis.example.org/server': portal.serverUrl,
      'my-client-id': 'idw-demo',
    },
    intercept: (path) => {
      if (path === '/worker.js' && worker !== undefined)
        return {
          headers: { 'content-type': 'text/javascript' },
          body: readFileSync(`dist/e2e/guide/${worker}`, 'utf8'),
        };
      if (path === '/') return { headers: { 'content-type': 'text/html' }, body: scriptTagPage };
      const name =
        /^\/(page|signed-in|account|own-sign-in|redirect|session|words|inspect-clients|tracing|edits|areas)\.html$/.exec(
          path,
        )?.[1];
      return name === undefined ? undefined : { headers: { 'content-type': 'text/html' }, body: shell(name) };
    },
  });

const test = base.extend<{ site: TestApp }>({
  site: async ({ page, portal }, use) => {
    const server = await serve(portal);
    portal.addRedirectUri(`${server.url}/signed-in.html`);
    portal.addRedirectUri(`${server.url}/`);
    await use(new TestApp(page, portal, server.url));
    await server.close();
  },
});

test(
  'an app’s own worker, page and callback page',
  { tag: ['@H11', '@user-interface'] },
  async ({ site }) => {
    await site.page.goto(`${site.url}/page.html`);
    await site.fillIn(await site.openWindowFromDialog(), 'ana');
    await expect(site.page.locator('body')).toContainText(/"count":\d+/);
  },
);

test('the same page under a worker of the core', { tag: ['@user-interface'] }, async ({ page, portal }) => {
  const server = await serve(portal, 'core-worker.js');
  portal.addRedirectUri(`${server.url}/signed-in.html`);
  const site = new TestApp(page, portal, server.url);
  await page.goto(`${site.url}/page.html`);
  await site.fillIn(await site.openWindowFromDialog(), 'ana');
  await expect(page.locator('body')).toContainText(/"count":\d+/);
  await server.close();
});

test('edits that wait for the network', { tag: ['@user-interface'] }, async ({ page, portal }) => {
  const server = await serve(portal, 'edits-worker.js');
  portal.addRedirectUri(`${server.url}/signed-in.html`);
  const site = new TestApp(page, portal, server.url);
  await page.goto(`${site.url}/edits.html`);
  await expect(page.locator('#account')).toHaveText('Everything is sent.');
  await site.consumeUserActivation();
  const counted = site.fetchJson(site.federated(countQuery()));
  await site.fillIn(await site.openWindowFromDialog(), 'ana');
  expect(await counted).toEqual(aCount);
  const repair = portal.control.fault(/applyEdits$/, { drop: true });
  const status = await page.evaluate(
    (url) =>
      fetch(url, { method: 'POST', body: new URLSearchParams({ f: 'json' }) }).then(
        ({ status: given }) => given,
      ),
    site.federated('Notes/FeatureServer/0/applyEdits'),
  );
  expect(status).toBe(202);
  await expect(page.locator('#account')).toContainText(/^ana: /);
  repair();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await expect(page.locator('#account')).toHaveText('Everything is sent.');
  await server.close();
});

test(
  'an area that is saved, and a strategy of the app’s own',
  { tag: ['@user-interface'] },
  async ({ page, portal }) => {
    const server = await serve(portal, 'offline-worker.js');
    portal.addRedirectUri(`${server.url}/signed-in.html`);
    const site = new TestApp(page, portal, server.url);
    await page.goto(`${site.url}/areas.html`);
    await site.fillIn(await site.openWindowFromDialog(), 'ana');
    await expect(page.locator('#account')).toHaveText('Trento');
    expect(await site.fetchJson(site.federated(countQuery()))).toEqual(aCount);
    await page.context().setOffline(true);
    expect(await site.fetchJson(site.federated(countQuery()))).toEqual(aCount);
    const tile = (level: number) => site.federated(`Terrain/MapServer/tile/${level}/0/0`);
    expect(await page.evaluate((url) => fetch(url).then(({ status }) => status), tile(0))).toBe(200);
    await expect(page.evaluate((url) => fetch(url).then(({ status }) => status), tile(9))).rejects.toThrow();
    await server.close();
  },
);

test('sign-in and sign-out buttons', async ({ site }) => {
  await site.page.goto(`${site.url}/account.html`);
  await expect(site.page.locator('#account')).toHaveText('nobody');
  await site.fillIn(await site.openSignInWindow(), 'ben');
  await expect(site.page.locator('#account')).toHaveText('ben');
  await site.page.getByRole('button', { name: 'Sign out' }).click();
  await expect(site.page.locator('#account')).toHaveText('nobody');
});

test('a sign-in in place of the page', async ({ site }) => {
  const account = site.page.locator('#account');
  await site.page.goto(`${site.url}/redirect.html`);
  await expect(account).toHaveText('nobody');
  await site.page.getByRole('button', { name: 'Sign in' }).click();
  await site.page.getByRole('button', { name: 'Cancel' }).click();
  await expect(account).toHaveText('The sign-in to 127.0.0.1 was cancelled.');
  await site.page.getByRole('button', { name: 'Sign in' }).click();
  await fillInForm(site.page, 'ana');
  await expect(account).toHaveText('ana');
});

test('a silent sign-in, another user, and signing out at the portal', async ({ site }) => {
  const account = site.page.locator('#account');
  await site.page.goto(`${site.url}/session.html`);
  await expect(account).toHaveText('nobody');
  const window = (name: string) =>
    site.waitForPopup(() => site.page.getByRole('button', { name, exact: true }).click());
  await site.fillIn(await window('Sign in'), 'ana');
  await expect(account).toHaveText('ana');
  await site.fillIn(await window('Sign in'), 'ben');
  await expect(account).toHaveText('ben');
  const signOut = await window('Sign out');
  if (!signOut.isClosed()) await signOut.waitForEvent('close');
  await expect(account).toHaveText('nobody');
});

test('a sign-in UI of the app’s own', async ({ site }) => {
  await site.page.goto(`${site.url}/own-sign-in.html`);
  await site.run(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect.poll(() => site.run(() => navigator.serviceWorker.controller !== null)).toBe(true);
  const answer = site.fetchJson(site.federated(countQuery()));
  const tab = site.page.context().waitForEvent('page');
  await site.page.getByRole('link', { name: 'Sign in to 127.0.0.1' }).click();
  await site.fillIn(await tab, 'ana');
  expect(await answer).toEqual(aCount);
  await expect(site.page.getByRole('link')).toHaveCount(0);
});

test('a dialog in words of the app’s own', { tag: ['@user-interface'] }, async ({ site }) => {
  await site.page.goto(`${site.url}/words.html`);
  await site.run(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect.poll(() => site.run(() => navigator.serviceWorker.controller !== null)).toBe(true);
  const answer = site.fetchJson(site.federated(countQuery()));
  await site.waitForDialog();
  const dialog = site.page.getByRole('dialog', { name: 'Accedi a 127.0.0.1' });
  await site.fillIn(
    await site.waitForPopup(() => dialog.getByRole('button', { name: 'Accedi' }).click()),
    'ana',
  );
  expect(await answer).toEqual(aCount);
});

test('a client that is not signed is reported', async ({ site }) => {
  const warning = site.page.waitForEvent('console', (message) => message.type() === 'warning');
  await site.page.goto(`${site.url}/inspect-clients.html`);
  expect((await warning).text()).toMatch(/^frame about:blank is not signed\. Workers control no about:blank/);
});

test('requests are traced', async ({ site }) => {
  const lines: string[] = [];
  site.page.on('console', (message) => lines.push(message.text()));
  await site.page.goto(`${site.url}/tracing.html`);
  await expect
    .poll(() => site.run(() => fetch('/guide/page.js').then(() => document.readyState)).then(() => lines))
    .toContain(`GET ${site.url}/guide/page.js: passed-by, 0`);
});

test('one script tag', { tag: ['@user-interface'] }, async ({ site }) => {
  await site.page.goto(site.url);
  await site.fillIn(await site.openWindowFromDialog(), 'ana');
  await expect.poll(() => site.run(() => document.images[0]?.naturalWidth)).toBe(256);
});
