/** What servers answer to a refresh, in other words than `invalid_grant`: who has to sign in again, and who has not. */
import { expect, type TestApp } from '../support/fixtures.js';
import {
  answerRefreshes,
  enter,
  allow,
  signIn,
  test,
  tokenRequests,
} from '../support/oauth-servers/fixtures.js';
import type { OAuthServer } from '../support/oauth-servers/server.js';

const authorizations = ({ front }: OAuthServer): number => front.requests(/^\/auth$/).length;

/** Asks the API until the app prompts: a word that may pass counts when it comes again. @returns Waits for the last answer. */
async function fetchUntilPrompt(app: TestApp, url: string): Promise<() => Promise<Record<string, unknown>>> {
  let answer: Promise<Record<string, unknown>> | undefined;
  let asked = 0;
  await expect
    .poll(async () => {
      if (!(await app.isPrompting()) && !(await isWaiting(answer))) {
        asked += 1;
        answer = app.fetchJson(`${url}?asked=${asked}`);
        answer.catch(() => undefined);
      }
      return app.isPrompting();
    })
    .toBe(true);
  expect(asked).toBeLessThanOrEqual(2);
  return () => answer ?? Promise.reject(new Error('not asked'));
}

const isWaiting = (answer: Promise<unknown> | undefined): Promise<boolean> =>
  answer === undefined
    ? Promise.resolve(false)
    : Promise.race([
        answer.then(() => false),
        new Promise<boolean>((resolve) => setTimeout(resolve, 100, true)),
      ]);

for (const [status, error] of [
  [400, 'invalid_request'],
  [400, 'interaction_required'],
  [403, 'mfa_required'],
  [401, 'login_required'],
  [403, 'access_denied'],
  [400, 'a_word_of_its_own'],
] as const)
  test(
    `${status} ${error} ends in one prompt`,
    { tag: ['@user-interface'] },
    async ({ app, server, api }) => {
      await app.open();
      await signIn(app);
      server.expireAccessTokens();
      answerRefreshes(server, status, { error });
      const before = authorizations(server);
      const answer = await fetchUntilPrompt(app, api.url);
      expect(tokenRequests(server, 'refresh_token')).toBeLessThanOrEqual(2);
      const popup = await app.openWindowFromDialog();
      const closed = popup.waitForEvent('close');
      await enter(popup);
      await allow(popup);
      await closed;
      expect(await answer()).toMatchObject({ user: 'ana' });
      expect(authorizations(server)).toBe(before + 1);
      expect(await app.isPrompting()).toBe(false);
    },
  );

test('what is no word on the token keeps the user signed in, and the token', async ({ app, server, api }) => {
  await app.open();
  await signIn(app);
  await app.shortenWorkerTimeLimits(20);
  const cases = [
    [400, '<h1>Bad Request</h1>'],
    [403, '<h1>Forbidden by the firewall</h1>'],
    [408, { error: 'invalid_grant' }],
    [429, { error: 'invalid_grant' }],
    [503, { error: 'invalid_grant' }],
    [400, { error: 'temporarily_unavailable' }],
    [400, { message: 'no' }],
  ] as const;
  for (const [index, [status, body]] of cases.entries())
    await test.step(`${status} ${JSON.stringify(body)}`, async () => {
      server.expireAccessTokens();
      answerRefreshes(server, status, body);
      for (const time of [1, 2, 3]) {
        await app.fetch(`${api.url}${index}/${time}`);
        expect(await app.isPrompting()).toBe(false);
      }
      server.front.restore();
      // The pause that the trouble costs is over.
      await app.advanceWorkerClock(60_000);
      expect(await app.fetchJson(`${api.url}${index}`)).toMatchObject({ user: 'ana' });
    });
  expect(authorizations(server)).toBe(1);
});
