/** A request ends when its page aborts it or goes away. */
import { expect, openSignedIn, test, type Page } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

test(
  'a request that waits for a sign-in ends when its page is closed, and is not sent later',
  { tag: ['@K3', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const other = await app.newTab();
    await other.run(() => {
      window.identity.addEventListener('activity', ({ activity }) => {
        if (activity.waited) document.body.dataset['ended'] = activity.outcome;
      });
    });
    const waiting = await app.newTab();
    waiting.fetch(app.hosted(countQuery())).catch(() => undefined);
    await waiting.waitForDialog();
    await waiting.page.close();
    // No user has signed in: closing the page has ended it, with the portal's own answer.
    await expect.poll(() => other.run(() => document.body.dataset['ended'])).toBe('anonymous');
    await other.signIn('ana');
    expect(app.portal.log.requests({ path: /query$/ })).toMatchObject([{ tokenPlacement: 'none' }]);
    // The next request gets an answer of its own.
    expect(await other.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  },
);

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  test(
    'an abort before the headers, or before the request, reaches the page at once',
    { tag: ['@C4'] },
    async ({ app }) => {
      const hold = app.portal.control.hold(/query$/);
      const aborted = app.run(async (url) => {
        const stop = new AbortController();
        const answer = fetch(url, { signal: stop.signal }).catch((error: unknown) => (error as Error).name);
        addEventListener('stop', () => stop.abort());
        const early = await fetch(url, { signal: AbortSignal.abort() }).catch(
          (error: unknown) => (error as Error).name,
        );
        return [await answer, early];
      }, app.hosted(countQuery()));
      await hold.reached(1);
      await app.run(() => dispatchEvent(new Event('stop')));
      // The portal still holds its answer.
      expect(await aborted).toEqual(['AbortError', 'AbortError']);
      expect(hold.held).toBe(1);
      hold.release();
    },
  );

  for (const [name, leave] of [
    ['aborts', (page: Page) => page.evaluate(() => void dispatchEvent(new Event('stop')))],
    ['reloads', (page: Page) => page.reload()],
    ['closes', (page: Page) => page.close()],
  ] as const) {
    test(
      `a page that ${name} during an answer frees the portal at once`,
      { tag: ['@K2'] },
      async ({ app }) => {
        const tab = await app.newTab();
        // At this pace the answer would take hours.
        await tab.run(async (url) => {
          const stop = new AbortController();
          addEventListener('stop', () => stop.abort());
          const { body } = await fetch(url, { signal: stop.signal });
          const reader = body?.getReader();
          await reader?.read();
          reader?.read().catch(() => undefined);
        }, app.hosted('Big?mb=200&chunkMs=10000&f=json'));
        const [big] = app.portal.log.requests({ path: /Big$/ });
        expect(big).toMatchObject({ user: 'ana' });
        expect(big?.closedByClientAtMs).toBeUndefined();
        const leftAtMs = Date.now();
        await leave(tab.page);
        const [closed] = await app.portal.log.waitFor({
          path: /Big$/,
          where: ({ closedByClientAtMs }) => closedByClientAtMs !== undefined,
        });
        // Long before the next piece would have told the portal.
        expect((closed?.closedByClientAtMs ?? Infinity) - leftAtMs).toBeLessThan(5000);
      },
    );
  }
});
