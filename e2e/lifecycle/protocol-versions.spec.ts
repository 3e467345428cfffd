/** A deployment with another version of the protocol: pages and worker get together again, and no sign-in is lost on the way. */
import { expect, TestApp } from '../support/fixtures.js';
import { changes, test, type Deployment } from '../support/protocol-versions.js';
import { aCount, countQuery } from '../support/services.js';

/** How `ready` of the page has ended, and what the page knows then. */
const outcome = (tab: TestApp): Promise<string> =>
  tab.run(async () => {
    while (!('identity' in window)) await new Promise(requestAnimationFrame);
    return window.identity.ready.then(
      () => `ready, ${window.identity.credentials[0]?.username ?? 'nobody'}`,
      (error: Error & { code: string }) => `${error.code}: ${error.message}`,
    );
  });

const deploy = (deployment: Deployment, version: number): Deployment =>
  Object.assign(deployment, { page: version, worker: version });

/** Opens the app in another tab, which may not become ready. */
async function nextTab(app: TestApp): Promise<TestApp> {
  const tab = new TestApp(await app.page.context().newPage(), app.portal, app.url);
  await tab.page.goto(app.url);
  return tab;
}

for (const { from, to } of changes) {
  test(
    `a page of protocol ${to} under a worker of ${from} has the new worker take over, and keeps the session`,
    { tag: ['@A6'] },
    async ({ app, deployment }) => {
      deploy(deployment, from);
      await app.open();
      await app.signIn('ana');
      const old = await app.newTab();
      deploy(deployment, to);
      await app.page.reload();
      expect(await outcome(app)).toBe('ready, ana');
      expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
      // The tab of the other version has its requests signed, and says what helps. It is asked for no sign-in.
      expect(await old.fetchJson(old.hosted(countQuery(1)))).toEqual(aCount);
      const end = await old.startSignIn();
      expect(await end()).toBe('protocol-mismatch');
      await app.run(() => window.identity.signOut());
      // A worker of which nothing is known of the other tab, as it was stopped.
      await expect.poll(() => app.run(() => navigator.serviceWorker.controller?.state)).toBe('activated');
      await app.stopWorker();
      await app.page.close();
      expect(await old.fetchJson(old.hosted(countQuery(2)))).toMatchObject({ error: { code: 499 } });
      await old.page.reload();
      expect(await outcome(old)).toBe('ready, nobody');
      expect(app.tokenRequests()).toBe(1);
    },
  );

  test(
    `a sign-in that began with protocol ${from} ends before the worker of ${to} is let in`,
    { tag: ['@A6'] },
    async ({ app, deployment }) => {
      deploy(deployment, from);
      await app.open();
      const popup = await app.openSignInWindow();
      await popup.getByLabel('Username').waitFor();
      deploy(deployment, to);
      const next = await nextTab(app);
      const ready = outcome(next);
      await expect
        .poll(() => next.run(async () => (await navigator.serviceWorker.ready).waiting?.state))
        .toBe('installed');
      // The callback page is of the new version already, the worker and the page that asked are not.
      await app.fillIn(popup, 'ana');
      await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
      expect(await ready).toBe('ready, ana');
      expect(await next.fetchJson(next.hosted(countQuery(1)))).toEqual(aCount);
      expect(app.tokenRequests()).toBe(1);
    },
  );
}

test('a page that no worker of its version comes for is told which of the two is old', async ({
  app,
  deployment,
}) => {
  await app.open();
  deployment.page += 1;
  await app.page.reload();
  expect(await outcome(app)).toMatch(/^protocol-mismatch: .*The worker is the older one/);
  deploy(deployment, deployment.page);
  await app.page.reload();
  expect(await outcome(app)).toBe('ready, nobody');
  deployment.page -= 1;
  await app.page.reload();
  expect(await outcome(app)).toMatch(/^protocol-mismatch: .*The page is the older one: reload it/);
});
