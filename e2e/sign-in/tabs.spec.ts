/** Several tabs of one app: one prompts for a sign-in, each may answer, and none waits for a tab that is gone. */
import { authorize } from '../support/oauth-client.js';
import { expect, test, TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

/** Opens the app and more tabs of it, side by side. */
async function open(app: TestApp, tabs: number): Promise<TestApp[]> {
  await app.open();
  const more = Array.from({ length: tabs - 1 }, async (_, index) => {
    const tab = new TestApp(await app.page.context().newPage(), app.portal, app.url);
    // An address of its own, to be told apart by.
    await tab.open(`/?tab=${index + 2}`);
    return tab;
  });
  return [app, ...(await Promise.all(more))];
}

/** One tab prompts, and another one waits with it. @returns The answer of the second tab. */
async function onePromptsAnotherWaits(first: TestApp, second: TestApp): Promise<() => Promise<unknown>> {
  for (const tab of [first, second]) await tab.handleChallengesInApp();
  // It may go away, or freeze, before it is answered.
  first.fetch(first.hosted(countQuery(0))).catch(() => undefined);
  await first.challengeUrl();
  const answer = second.fetchJson(second.hosted(countQuery(1)));
  await first.portal.log.waitFor({ path: /query$/ }, 2);
  expect(await second.run(() => window.challenge)).toBeUndefined();
  return () => answer;
}

/** Playwright keeps every page in sight, frozen ones too: to the worker this one tab is hidden, as a browser’s would be. */
async function hide(hidden: TestApp, visible: TestApp): Promise<void> {
  const worker = visible.page.context().serviceWorkers()[0];
  const inSight = visible.page.url();
  expect(hidden.page.url()).not.toBe(inSight);
  await worker?.evaluate((url) => {
    const { WindowClient } = globalThis as unknown as { WindowClient: { prototype: object } };
    Object.defineProperty(WindowClient.prototype, 'visibilityState', {
      get(this: { url: string }) {
        return this.url === url ? 'visible' : 'hidden';
      },
    });
  }, inSight);
}

/** Waits until a tab has the challenge, and answers it. */
async function answerIn(tab: TestApp): Promise<void> {
  const { href } = await tab.challengeUrl();
  const code = (await authorize(href, 'ana')).searchParams.get('code') ?? '';
  await tab.run((given) => window.challenge?.setCode(given), code);
}

test('a request of a user who is signed out prompts, with or without a popup blocker', async ({ app }) => {
  await app.open();
  void app.fetch(app.hosted(countQuery())).catch(() => undefined);
  // What tests that expect no prompt look at.
  await expect.poll(() => app.isPrompting()).toBe(true);
});

test(
  'prompts in one of five tabs only; the others know, and one of them answers for all',
  { tag: ['@K6', '@user-interface'] },
  async ({ app }) => {
    const [asker, waiting, ...others] = (await open(app, 5)) as [TestApp, TestApp, ...TestApp[]];
    const quiet = [waiting, ...others];
    for (const tab of quiet)
      await tab.run(() => {
        const told = document.body.dataset;
        window.identity.addEventListener('sign-in-elsewhere', ({ portalName, signal }) => {
          told['elsewhere'] = `${told['elsewhere'] ?? ''}${portalName} `;
          signal.addEventListener('abort', () => (told['elsewhere'] += 'is over'));
        });
      });
    const answers = [asker, waiting].map((tab, index) => tab.fetchJson(app.hosted(countQuery(index))));
    await app.portal.log.waitFor({ path: /query$/ }, 2);
    // Either of the two may have been the first.
    await expect.poll(async () => (await asker.isPrompting()) !== (await waiting.isPrompting())).toBe(true);
    const elsewhere = (tab: TestApp): Promise<string | undefined> =>
      tab.run(() => document.body.dataset['elsewhere']);
    for (const tab of others) {
      await expect.poll(() => elsewhere(tab)).toBe('Demo Portal ');
      expect(await tab.isPrompting()).toBe(false);
    }
    await others[2]!.signIn('ana');
    expect(await Promise.all(answers)).toEqual([aCount, aCount]);
    for (const tab of others) await expect.poll(() => elsewhere(tab)).toBe('Demo Portal is over');
    for (const tab of [asker, ...quiet]) {
      await expect.poll(() => tab.run(() => window.identity.credentials[0]?.username)).toBe('ana');
      await expect.poll(() => tab.isPrompting()).toBe(false);
    }
    expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
    expect(app.tokenRequests()).toBe(1);
  },
);

for (const [what, leave] of [
  ['is closed', ({ page }) => page.close()],
  [
    'is reloaded and takes its time',
    async ({ page }) => {
      await page.route('**/page.js', (route) => route.abort());
      await page.reload();
    },
  ],
] as const satisfies (readonly [string, (tab: TestApp) => Promise<unknown>])[]) {
  test(`where the prompting tab ${what} the next one prompts`, { tag: ['@K6'] }, async ({ app }) => {
    const [asker, other] = (await open(app, 2)) as [TestApp, TestApp];
    const answer = await onePromptsAnotherWaits(asker, other);
    await leave(asker);
    await answerIn(other);
    expect(await answer()).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
  });
}

test(
  'where the prompting tab is frozen a visible one prompts, and the frozen one has its data when it wakes',
  { tag: ['@E5'] },
  async ({ app }) => {
    const [asker, other] = (await open(app, 2)) as [TestApp, TestApp];
    const answer = await onePromptsAnotherWaits(asker, other);
    const cdp = await asker.page.context().newCDPSession(asker.page);
    await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
    await hide(asker, other);
    await other.advanceWorkerClock(26_000);
    await answerIn(other);
    expect(await answer()).toEqual(aCount);
    await cdp.send('Page.setWebLifecycleState', { state: 'active' });
    await expect.poll(() => asker.run(() => window.challenge?.signal.aborted)).toBe(true);
    await expect
      .poll(() => asker.run(() => window.identity.credentials))
      .toMatchObject([{ username: 'ana' }]);
    expect(app.tokenRequests()).toBe(1);
  },
);

test(
  'two tabs that sign in at once end with one credential, and both are told',
  { tag: ['@K6'] },
  async ({ app }) => {
    const tabs = await open(app, 2);
    for (const tab of tabs) await tab.handleChallengesInApp();
    const outcomes = await Promise.all(tabs.map((tab) => tab.startSignIn()));
    const urls = await Promise.all(tabs.map((tab) => tab.challengeUrl()));
    expect(urls[0]).toEqual(urls[1]);
    const codes = await Promise.all(urls.map(({ href }) => authorize(href, 'ana')));
    // Each brings a code of its own.
    await Promise.all(
      tabs.map((tab, index) =>
        tab.run(
          (code) => window.challenge?.setCode(code).catch(() => undefined),
          codes[index]?.searchParams.get('code') ?? '',
        ),
      ),
    );
    expect(await Promise.all(outcomes.map((outcome) => outcome()))).toEqual(
      tabs.map(() => 'signed in as ana'),
    );
    expect(app.tokenRequests()).toBe(1);
    expect(app.portal.control.tokens().filter(({ kind }) => kind === 'refresh')).toHaveLength(1);
  },
);
