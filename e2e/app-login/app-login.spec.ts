/** App logins: everybody sees by the app's own account; a user's registration of the same portal stands beside it. */
import { appAndUsers, appOnly, tokensHandler } from '../support/app-account.js';
import { test } from '../support/attack.js';
import { expect, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery, publicCountQuery, tile } from '../support/services.js';
import { startTracing, stepsOf, traceOf } from '../support/tracing.js';

/** Counts a layer that the app may not see, and ana may. */
const privateQuery = 'Sites/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';

/** The kinds of token that the portal's servers were sent. */
const kinds = (app: TestApp): string[] =>
  app.portal.log
    .requests({ path: /\/rest\/services\// })
    .map(({ tokenId }) => (tokenId ?? 'none').replace(/[-:#]?\d+$/, ''));

const isPrompting = (app: TestApp): Promise<boolean> => app.isDialogOpen();

for (const isSealed of [false, true])
  test(
    `${isSealed ? 'sealed' : 'unsealed'}: layers, tiles and federated services load without a sign-in, and again after the worker has stopped`,
    { tag: ['@user-interface'] },
    async ({ variant, portal }) => {
      const app = await variant({ config: appOnly, isSealed, handlers: [tokensHandler(portal, isSealed)] });
      await app.open();
      await startTracing(app);
      const all = await Promise.all([
        app.fetchJson(app.hosted(countQuery())),
        app.fetchJson(app.hosted(countQuery(1))),
        app.fetchJson(app.hosted(publicCountQuery())),
        app.fetchJson(app.federated(countQuery())),
      ]);
      expect(all).toEqual([aCount, aCount, aCount, aCount]);
      expect(stepsOf(await traceOf(app, 'Countries/FeatureServer/0/query'))).toContain('token app');
      expect(await app.loadImage(app.hosted(tile()))).toBe(256);
      expect(app.tokenRequests('client_credentials')).toBe(1);
      await app.stopWorker();
      expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
      expect(await app.fetchJson(app.federated(countQuery(2)))).toEqual(aCount);
      // The app's server has kept it.
      expect(app.tokenRequests('client_credentials')).toBe(1);
      expect(await isPrompting(app)).toBe(false);
      app.expectNothingLeaked();
    },
  );

test(
  'a page sees nothing of the app’s account, and cannot sign in or out there',
  { tag: ['@user-interface'] },
  async ({ variant, portal }) => {
    const app = await variant({ config: appOnly, handlers: [tokensHandler(portal, false)] });
    await app.open();
    await app.fetchJson(app.hosted(countQuery()));
    const seen = await app.run(async (url) => {
      const codeOf = (work: Promise<unknown>): Promise<string> =>
        work.then(
          () => 'done',
          (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
        );
      const { identity } = window;
      return {
        credentials: identity.credentials,
        signIn: await codeOf(identity.signIn({ portal: url })),
        signOut: await codeOf(identity.signOut({ portal: url })),
      };
    }, portal.url);
    expect(seen).toEqual({
      credentials: [],
      signIn: 'portal-not-registered',
      signOut: 'portal-not-registered',
    });
    // What the app may not see is refused by the portal, and nobody is prompted.
    const { error } = (await app.fetchJson(app.hosted(privateQuery))) as { error: { code: number } };
    expect(error.code).toBe(403);
    expect(await isPrompting(app)).toBe(false);
  },
);

test(
  'beside users: the app signs, what it may not see prompts the user, whose token signs until they sign out',
  { tag: ['@user-interface'] },
  async ({ variant, portal }) => {
    const app = await variant({
      config: appAndUsers({ persistence: 'sealed', callback: 'worker' }),
      isSealed: true,
      handlers: [tokensHandler(portal, true)],
    });
    await app.open();
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(await app.run(() => window.identity.credentials.length)).toBe(0);
    expect(kinds(app).at(-1)).toContain('app');
    const answer = app.fetchJson(app.hosted(privateQuery));
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await answer).toEqual(aCount);
    expect(kinds(app).at(-1)).toContain('access');
    expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
    expect(kinds(app).at(-1)).toContain('access');
    expect(await app.fetchJson(app.federated(countQuery(1)))).toEqual(aCount);
    await app.run(() => window.identity.signOut());
    expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
    expect(kinds(app).at(-1)).toContain('app');
    expect(await app.run(() => window.identity.credentials.length)).toBe(0);
    app.expectNothingLeaked();
  },
);

test('a token that the portal has ended is renewed, one that is about to end too', async ({
  variant,
  portal,
}) => {
  const app = await variant({ config: appOnly, handlers: [tokensHandler(portal, false)] });
  await app.open();
  await app.fetchJson(app.hosted(countQuery()));
  await app.advanceWorkerClock(2 * 3600_000 - 30_000);
  expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
  // The app's server still has a good one: it is asked, the portal is not.
  expect(app.tokenRequests('client_credentials')).toBe(1);
});

test(
  'a portal that is down, and an app’s server that refuses: what is public loads, nobody is prompted',
  { tag: ['@user-interface'] },
  async ({ variant, portal }) => {
    portal.control.fault(/\/oauth2\/token/, { status: 503 });
    const app = await variant({ config: appAndUsers(), handlers: [tokensHandler(portal, false)] });
    await app.open();
    expect(await app.fetchJson(app.hosted(publicCountQuery()))).toEqual(aCount);
    expect(await app.fetchJson(app.hosted(countQuery()))).toMatchObject({ error: { code: 499 } });
    expect(await isPrompting(app)).toBe(false);
    expect(app.tokenRequests('client_credentials')).toBe(1);
  },
);

test('an OAuth API is read by the app', async ({ variant, portal }) => {
  const { issuer, apiUrl } = portal.oauth;
  const app = await variant({
    config: {
      make: () => ({ app: [{ kind: 'oauth', url: issuer, tokens: '/app-tokens', resources: [apiUrl] }] }),
    },
    handlers: [
      tokensHandler(portal, false, {
        portals: [
          {
            url: issuer,
            ...portal.appAccount,
            tokenEndpoint: `${issuer}/token`,
            parameters: { scope: 'tiles' },
          },
        ],
      }),
    ],
  });
  await app.open();
  expect(await app.fetchJson(`${apiUrl}tiles/1`)).toMatchObject({ path: '/api/tiles/1' });
});
