/** What every map library goes through, unmodified and with no token in its page. */
import type { TestApp } from '../support/fixtures.js';
import { dumpGlobals, dumpStorage } from '../../testing/page-search.js';
import { answersOf, coloursOf, errorsOf, expect, openSignedIn, showNextView, test } from './fixtures.js';

export interface Client {
  /** Name of its page in `pages/`. */
  readonly name: string;
  /** Paths of its requests for what every signed-in user may see. */
  readonly requests: RegExp;
  /** What it reports when these are refused. */
  readonly refused: RegExp;
  /** What it reports for the part of its page that ben may not see; `undefined` where it reports nothing. */
  readonly forbidden?: RegExp;
  /** What it reports without a network. */
  readonly offline: RegExp;
  /** How many colours its map has at most without data; `undefined` for a library that draws nothing. */
  readonly coloursOfFrame?: number;
  /** It asks for nothing more once its first requests have failed. */
  readonly isLoadedOnce?: boolean;
}

/** Declares the tests of one library. */
export function testClient(client: Client): void {
  const { name, requests, coloursOfFrame } = client;

  const open = (app: TestApp): Promise<void> => app.open(`/?client=${name}`);

  /** What the page has to show: colours beyond those of the map's frame, or answers. The dialog has colours too. */
  const shown = async (app: TestApp): Promise<number> => {
    if (coloursOfFrame === undefined) return (await answersOf(app)).length;
    return (await app.isPrompting()) ? 0 : Math.max(0, (await coloursOf(app)) - coloursOfFrame);
  };
  const expectShown = (app: TestApp): Promise<void> => expect.poll(() => shown(app)).toBeGreaterThan(0);

  const expectError = (app: TestApp, pattern: RegExp): Promise<void> =>
    expect.poll(() => errorsOf(app)).toContainEqual(expect.stringMatching(pattern));

  const usernamesOf = (app: TestApp): Promise<(string | undefined)[]> =>
    app.run(() => window.identity.credentials.map(({ username }) => username));

  const tokensOf = (app: TestApp): Set<string | undefined> =>
    new Set(app.portal.log.requests({ path: requests }).map(({ tokenId }) => tokenId));

  /** How many requests were signed with a token that is not among these. */
  const signed = (app: TestApp, former: ReadonlySet<string | undefined> = new Set()): number =>
    app.portal.log.count({
      path: requests,
      where: ({ status, tokenId }) => status < 300 && tokenId !== undefined && !former.has(tokenId),
    });

  const cancel = async (app: TestApp): Promise<void> => {
    await app.waitForDialog();
    await app.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  };

  test.describe(name, () => {
    test.describe.configure({ timeout: 240_000 });

    test('without the worker, nothing is drawn', async ({ app }) => {
      await app.page.goto(`${app.url}/?client=${name}&without-worker`);
      await expectError(app, client.refused);
      expect(await shown(app)).toBe(0);
    });

    // One session: loading a library takes longer than all that happens in it.
    test('a session: it asks once, draws, renews in silence, outlives a lost network, ends with the sign-out', async ({
      app,
    }) => {
      await test.step('the first visit asks once for all requests, and draws', async () => {
        await open(app);
        await app.fillIn(await app.openWindowFromDialog(), 'ana');
        await expect.poll(() => signed(app)).toBeGreaterThan(0);
        await expectShown(app);
        expect(await errorsOf(app)).toEqual([]);
        expect(app.tokenRequests('authorization_code')).toBe(1);
        expect(await app.isPrompting()).toBe(false);
        const dump = `${await app.run(dumpStorage)}\n${await app.run(dumpGlobals)}`;
        expect(app.portal.log.leaks(dump)).toEqual([]);
      });

      await test.step('a token that expires is renewed in silence', async () => {
        const former = tokensOf(app);
        app.portal.control.expireAccessTokens();
        await showNextView(app);
        await expect.poll(() => signed(app, former)).toBeGreaterThan(0);
        await expectShown(app);
        expect(await errorsOf(app)).toEqual([]);
        expect(app.tokenRequests('refresh_token')).toBe(1);
        expect(app.tokenRequests('authorization_code')).toBe(1);
        expect(await app.isPrompting()).toBe(false);
      });

      await test.step('offline is a network error and no sign-out, and goes on when the network is back', async () => {
        await app.page.context().setOffline(true);
        await showNextView(app);
        await expectError(app, client.offline);
        expect(await usernamesOf(app)).toEqual(['ana']);
        expect(await app.isPrompting()).toBe(false);
        await app.page.context().setOffline(false);
        app.portal.log.clear();
        await showNextView(app);
        await expect.poll(() => signed(app)).toBeGreaterThan(0);
        await expectShown(app);
        expect(app.tokenRequests('authorization_code')).toBe(0);
        expect(await app.isPrompting()).toBe(false);
      });

      await test.step('after the sign-out nothing is answered', async () => {
        // The click at the start may have been just now: what is still asked for then would open a window in place of the dialog.
        await app.consumeUserActivation();
        await app.run(() => window.identity.signOut());
        app.portal.log.clear();
        await showNextView(app);
        await cancel(app);
        await expectError(app, client.refused);
        expect(signed(app)).toBe(0);
      });
    });

    test('a user who cancels leaves it with its own error, and is not asked again', async ({ app }) => {
      await open(app);
      await cancel(app);
      await expectError(app, client.refused);
      if (client.isLoadedOnce !== true) {
        await showNextView(app);
        await expectError(app, client.refused);
      }
      expect(await app.isPrompting()).toBe(false);
      expect(signed(app)).toBe(0);
      expect(await shown(app)).toBe(0);
    });

    test('a user without permission gets its error for that part, sees the rest, and is not asked', async ({
      app,
    }) => {
      await openSignedIn(app, name, 'ben');
      await expectShown(app);
      await expect.poll(() => app.portal.log.count({ path: /Sites|PrivateArchives/ })).toBeGreaterThan(0);
      if (client.forbidden) await expectError(app, client.forbidden);
      app.portal.log.clear();
      await showNextView(app);
      await expect.poll(() => signed(app)).toBeGreaterThan(0);
      expect(await usernamesOf(app)).toEqual(['ben']);
      expect(await app.isPrompting()).toBe(false);
    });
  });
}
