/** A new version of the worker is deployed while the app is in use: nothing is lost, no second prompt, no reload. */
import { readFileSync } from 'node:fs';
import { expect, serveApp, test as base, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { authorize } from '../support/oauth-client.js';

/** The script of the worker as it is served now. */
interface Deployment {
  version: number;
  /** Takes over without waiting for old tabs to close. */
  skipsWaiting: boolean;
}

const test = base.extend<{ deployment: Deployment }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from this pattern
  deployment: async ({}, use) => use({ version: 1, skipsWaiting: false }),

  appServer: async ({ portal, deployment, identityConfig }, use) => {
    const worker = readFileSync('dist/e2e/worker.js', 'utf8');
    const server = await serveApp(portal, {
      config: identityConfig,
      intercept: (path) => {
        if (path !== '/worker.js') return undefined;
        const { version, skipsWaiting } = deployment;
        // Answers with its version.
        const head = `self.addEventListener('fetch', (event) => {
          if (event.request.url.endsWith('/version')) event.respondWith(new Response('${version}'));
        });
        ${skipsWaiting ? "self.addEventListener('install', () => self.skipWaiting());" : ''}\n`;
        return { headers: { 'content-type': 'text/javascript' }, body: head + worker };
      },
    });
    await use(server);
    await server.close();
  },
});

/** Opens the app in two tabs that would notice a reload. */
async function twoTabs(app: TestApp): Promise<[TestApp, TestApp]> {
  await app.open();
  const other = await app.newTab();
  for (const tab of [app, other]) {
    await tab.handleChallengesInApp();
    await tab.run(() => document.body.append('not reloaded'));
  }
  return [app, other];
}

const isAsItWas = (tab: TestApp): Promise<boolean> =>
  tab.run(() => document.body.textContent.includes('not reloaded'));

/** The version of the worker that controls a tab. */
const versionIn = (tab: TestApp): Promise<string> =>
  tab.run(() => fetch('/version').then((answer) => answer.text()));

/** Waits for version 2 in a tab. Without requests: each keeps the old version busy, and the browser waits for that. */
async function isTakenOver(tab: TestApp): Promise<void> {
  await tab.run(async () => {
    const registration = await navigator.serviceWorker.ready;
    const { serviceWorker } = navigator;
    while (registration.waiting ?? serviceWorker.controller !== registration.active)
      await new Promise(requestAnimationFrame);
  });
  expect(await versionIn(tab)).toBe('2');
}

/** Deploys version 2, and has the browser find it. */
async function deploy(app: TestApp, deployment: Deployment, skipsWaiting: boolean): Promise<void> {
  Object.assign(deployment, { version: 2, skipsWaiting });
  await app.run(async () => {
    const registration = await navigator.serviceWorker.ready;
    const old = registration.active;
    await registration.update();
    while (registration.installing) await new Promise(requestAnimationFrame);
    if (!registration.waiting && registration.active === old) throw new Error('no new version was found');
  });
}

/** A request that waits for a sign-in, with its challenge open. */
async function waitingRequest(tab: TestApp): Promise<() => Promise<unknown>> {
  const answer = tab.fetchJson(tab.hosted(countQuery()));
  await tab.challengeUrl();
  return () => answer;
}

/** Answers the challenge of a tab. */
async function answerIn(tab: TestApp): Promise<void> {
  const code = (await authorize((await tab.challengeUrl()).href, 'ana')).searchParams.get('code') ?? '';
  await tab.run((given) => window.challenge?.setCode(given), code);
}

const isSignedIn = async (tab: TestApp): Promise<void> => {
  await expect.poll(() => tab.run(() => window.identity.credentials[0]?.username)).toBe('ana');
  expect(await tab.fetchJson(tab.hosted(countQuery(1)))).toEqual(aCount);
};

test(
  'a version that waits for old tabs leaves them alone, and has the session when they are closed',
  { tag: ['@A6'] },
  async ({ app, deployment }) => {
    const [tab, other] = await twoTabs(app);
    const answer = await waitingRequest(tab);
    await deploy(tab, deployment, false);
    await answerIn(tab);
    expect(await answer()).toEqual(aCount);
    for (const each of [tab, other]) {
      await isSignedIn(each);
      expect(await versionIn(each)).toBe('1');
      expect(await isAsItWas(each)).toBe(true);
    }
    await other.page.close();
    // The browser lets the new version in a moment after the last page has left the old one.
    await expect(async () => {
      await tab.page.goto('about:blank');
      await tab.open();
      expect(await versionIn(tab)).toBe('2');
    }).toPass();
    await isSignedIn(tab);
    expect(app.tokenRequests()).toBe(1);
  },
);

test(
  'a version that takes over at once waits for the requests that wait',
  { tag: ['@A6'] },
  async ({ app, deployment }) => {
    const [tab, other] = await twoTabs(app);
    await other.run(() => {
      window.identity.addEventListener('controller-changed', () =>
        document.body.append('controller-changed'),
      );
    });
    const answer = await waitingRequest(tab);
    await deploy(tab, deployment, true);
    expect(await versionIn(tab)).toBe('1');
    await answerIn(tab);
    expect(await answer()).toEqual(aCount);
    for (const each of [tab, other]) {
      await isTakenOver(each);
      await isSignedIn(each);
      expect(await isAsItWas(each)).toBe(true);
    }
    await expect.poll(() => other.run(() => document.body.textContent)).toContain('controller-changed');
    expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
    expect(app.tokenRequests()).toBe(1);
  },
);

test(
  'a sign-in that began with the old version ends with the new one',
  { tag: ['@K7'] },
  async ({ app, deployment }) => {
    const [tab, other] = await twoTabs(app);
    const outcome = await tab.startSignIn();
    await tab.challengeUrl();
    await deploy(tab, deployment, true);
    await isTakenOver(tab);
    await answerIn(tab);
    expect(await outcome()).toBe('signed in as ana');
    for (const each of [tab, other]) {
      await isSignedIn(each);
      expect(await isAsItWas(each)).toBe(true);
    }
    expect(app.tokenRequests()).toBe(1);
  },
);

test(
  'a code on its way to the portal is redeemed by the old version, once',
  { tag: ['@E5'] },
  async ({ app, deployment }) => {
    const [tab, other] = await twoTabs(app);
    const outcome = await tab.startSignIn();
    const hold = app.portal.control.hold('/oauth2/token');
    const answered = answerIn(tab);
    await hold.reached(1);
    await deploy(tab, deployment, true);
    hold.release();
    await answered;
    expect(await outcome()).toBe('signed in as ana');
    for (const each of [tab, other]) {
      await isTakenOver(each);
      await isSignedIn(each);
    }
    expect(app.tokenRequests()).toBe(1);
  },
);

test(
  'a hard reload while a version takes over ends controlled by it',
  { tag: ['@A1'] },
  async ({ app, deployment }) => {
    await app.open();
    await app.signIn('ana');
    const cdp = await app.page.context().newCDPSession(app.page);
    await Promise.all([
      deploy(app, deployment, true).then(() => cdp.send('Page.reload', { ignoreCache: true })),
      app.page.waitForEvent('load'),
    ]);
    await app.ready();
    await isTakenOver(app);
    await isSignedIn(app);
  },
);

for (const version of [0, 2]) {
  test(
    `a page that speaks protocol ${version} is told so, and its requests do not wait`,
    { tag: ['@A6'] },
    async ({ app }) => {
      await app.page.addInitScript((spoken) => {
        // oxlint-disable-next-line typescript/unbound-method -- called with the worker it was called on
        const { postMessage } = ServiceWorker.prototype;
        ServiceWorker.prototype.postMessage = function (
          this: ServiceWorker,
          message: object,
          ...rest: unknown[]
        ) {
          Reflect.apply(postMessage, this, [{ ...message, version: spoken }, ...rest]);
        };
      }, version);
      await app.page.goto(app.url);
      const failure = await app.run(async () => {
        while (!('identity' in window)) await new Promise(requestAnimationFrame);
        return window.identity.ready.then(
          () => 'ready',
          (error: Error & { code: string }) => `${error.name}/${error.code}: ${error.message}`,
        );
      });
      expect(failure).toContain(
        `ConnectionError/protocol-mismatch: The page speaks protocol ${version}, the worker 1. The ${version < 1 ? 'page' : 'worker'} is the older one`,
      );
      expect(await app.run(() => window.identity.inspectClients())).toMatchObject([
        { kind: 'page', isControlled: true, reason: 'protocol-mismatch' },
      ]);
      // This page cannot prompt: the request gets the portal’s own answer, and does not hang.
      expect(await app.fetchJson(app.hosted(countQuery()))).toMatchObject({ error: { code: 499 } });
      // A tab that understands signs in for both.
      const other = await app.newTab();
      await other.signIn('ana');
      expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    },
  );
}

test(
  'with the database of a newer version the old worker goes on, before and after a stop',
  { tag: ['@K7'] },
  async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    const stores = await app.run(
      () =>
        new Promise<string[]>((resolve, reject) => {
          const opening = indexedDB.open('identity-worker:/', 99);
          opening.addEventListener('upgradeneeded', () =>
            opening.result.createObjectStore('of a newer version'),
          );
          opening.addEventListener('error', () => reject(opening.error as DOMException));
          opening.addEventListener('success', () => {
            resolve([...opening.result.objectStoreNames]);
            opening.result.close();
          });
        }),
    );
    expect(stores).toContain('states');
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    await app.stopWorker();
    expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
    // It writes, too.
    app.portal.control.expireAccessTokens();
    expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
    await app.run(() => window.identity.signOut());
    await app.stopWorker();
    await app.page.reload();
    await app.ready();
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
    await app.signIn('ana');
  },
);
