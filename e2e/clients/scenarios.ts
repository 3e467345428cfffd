/** What every map library goes through, unmodified and with no token in its page. */
import type { TestApp } from '../support/fixtures.js';
import { errorsOf, expect, expectDrawn, coloursOf, openSignedIn, showNextView, test } from './fixtures.js';

export interface Client {
  /** Name of its page in `pages/`. */
  readonly name: string;
  /** Paths of the requests for what everybody who is signed in may see; part of a regular expression. */
  readonly requests: RegExp;
  /** The errors that the library reports for what is not allowed, in its own words. */
  readonly refused: RegExp;
  /** The errors that it reports without a network. */
  readonly offline: RegExp;
  /** Number of colours that its frame has at most, without data. Default 12. */
  readonly coloursOfFrame?: number;
}

const answered = (app: TestApp, { requests }: Client): number =>
  app.portal.log.count({
    path: requests,
    where: ({ status, tokenId }) => (status === 200 || status === 206) && tokenId !== undefined,
  });

/** Has the library ask for more, and waits until it has been answered as the signed-in user. */
async function expectNextViewSigned(app: TestApp, client: Client): Promise<void> {
  app.portal.log.clear();
  await showNextView(app);
  await expect.poll(() => answered(app, client)).toBeGreaterThan(0);
  await expectDrawn(app, client.coloursOfFrame ?? 12);
  expect(await app.isDialogOpen()).toBe(false);
}

const expectError = (app: TestApp, pattern: RegExp): Promise<void> =>
  expect.poll(() => errorsOf(app)).toContainEqual(expect.stringMatching(pattern));

/** Declares the tests of one library. */
export function testClient(client: Client): void {
  const { name, coloursOfFrame = 12 } = client;
  const open = (app: TestApp): Promise<void> => app.open(`/?client=${name}`);

  test.describe(name, () => {
    test('without the worker, nothing is drawn', async ({ app }) => {
      await app.page.goto(`${app.url}/?client=${name}&without-worker`);
      await showNextView(app);
      await expectError(app, client.refused);
      expect(await coloursOf(app)).toBeLessThanOrEqual(coloursOfFrame);
    });

    test('the first visit asks once for all requests, and draws', async ({ app }) => {
      await open(app);
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      await expectDrawn(app, coloursOfFrame);
      expect(answered(app, client)).toBeGreaterThan(0);
      expect(await errorsOf(app)).toEqual([]);
      expect(app.tokenRequests('authorization_code')).toBe(1);
      expect(await app.isDialogOpen()).toBe(false);
    });

    test('a token that expires is renewed in silence; offline is a network error and no sign-out', async ({
      app,
    }) => {
      await openSignedIn(app, name);
      await expectDrawn(app, coloursOfFrame);

      app.portal.control.expireAccessTokens();
      await expectNextViewSigned(app, client);
      expect(await errorsOf(app)).toEqual([]);
      expect(app.tokenRequests('refresh_token')).toBe(1);

      await app.page.context().setOffline(true);
      await showNextView(app);
      await expectError(app, client.offline);
      expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
      expect(await app.isDialogOpen()).toBe(false);
      await app.page.context().setOffline(false);
      await expectNextViewSigned(app, client);
      expect(app.tokenRequests('authorization_code')).toBe(0);
    });

    test('a user who cancels leaves the library with its usual error, and is not asked again', async ({
      app,
    }) => {
      await open(app);
      await app.waitForDialog();
      await app.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await expectError(app, client.refused);
      await showNextView(app);
      await expectError(app, client.refused);
      expect(await app.isDialogOpen()).toBe(false);
      expect(answered(app, client)).toBe(0);
    });

    test('a user without permission gets the error for that part, keeps the rest, and is not asked', async ({
      app,
    }) => {
      await openSignedIn(app, name, 'ben');
      await expectError(app, client.refused);
      await expectDrawn(app, coloursOfFrame);
      await expectNextViewSigned(app, client);
      expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ben' }]);
      expect(app.tokenRequests('authorization_code')).toBe(0);
    });

    test('after the sign-out nothing is answered', async ({ app }) => {
      await openSignedIn(app, name);
      await expectDrawn(app, coloursOfFrame);
      await app.run(() => window.identity.signOut());
      app.portal.log.clear();
      await showNextView(app);
      await app.waitForDialog();
      await app.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await expectError(app, client.refused);
      expect(answered(app, client)).toBe(0);
    });
  });
}
