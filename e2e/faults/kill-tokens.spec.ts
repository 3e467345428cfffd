/** The worker is stopped at each step of renewals, exchanges, sign-outs and changes of the key: no request fails, sign-out wins. */
import { appOnly, tokensHandler } from '../support/app-account.js';
import { registration, type IdentityConfig } from '../support/fixtures.js';
import { expect, test, within, type KillableApp, type Step } from '../support/kill-points.js';
import { aCount, countQuery } from '../support/services.js';

type Point = readonly [name: string, step: Step];

async function openSignedIn(app: KillableApp): Promise<void> {
  await app.open();
  await app.signIn('ana');
  await app.watchPrompts();
}

/** Stops the worker while a request is under way, which ends signed. @param asked - How often the user may be asked. */
async function expectAnswered(app: KillableApp, step: Step, url: string, asked = 0): Promise<void> {
  const stop = await app.stopAt(step);
  const answer = app.fetchJson(url);
  answer.catch(() => undefined);
  void app.answerPrompts('ana').catch(() => undefined);
  await stop();
  expect(await within(answer)).toEqual(aCount);
  expect(await within(app.fetchJson(url))).toEqual(aCount);
  expect(await app.asked()).toBe(asked);
}

const token = /oauth2\/token$/;

/** Of a refresh; `isLost` where the server's answer is lost, and with it a token that it has replaced. */
const refreshes: readonly (readonly [...Point, isLost?: true])[] = [
  ['request not sent', { step: 'fetch', match: 'oauth2/token' }],
  ['request not handled', { portal: token, before: true }, true],
  ['answer on its way', { portal: token }, true],
  ['answer here', { step: 'answered', match: 'oauth2/token' }, true],
  // The first write notes that the refresh token is about to leave.
  ['note not stored', { step: 'write' }],
  ['note stored', { step: 'written' }],
  ['tokens not stored', { step: 'write', nth: 2 }, true],
  ['tokens stored', { step: 'written', nth: 2 }],
  ['tokens announced', { step: 'posted', match: 'credential-changed' }],
  ['answer not handed over', { step: 'respond' }],
];

/** The points of a group one after the other, in one page. */
async function expectAllAnswered(
  app: KillableApp,
  points: readonly Point[],
  prepare: () => string,
): Promise<void> {
  for (const [name, step] of points) await test.step(name, async () => expectAnswered(app, step, prepare()));
}

test('refresh: at each step, where the refresh token stays', async ({ app, portal }) => {
  await openSignedIn(app);
  await expectAllAnswered(
    app,
    refreshes.map(([name, step]) => [name, step]),
    () => {
      portal.control.expireAccessTokens();
      return app.hosted(countQuery());
    },
  );
  expect(app.tokenRequests('authorization_code')).toBe(1);
});

for (const [name, step, isLost = false] of refreshes.filter(
  ([each]) => !/^note| here|announced|handed/.test(each),
))
  test.describe('the refresh token is replaced', () => {
    test.use({ isTokenLost: isLost });

    test(`refresh: ${name}`, async ({ app, portal }) => {
      portal.control.setRotateOnRefresh(true);
      await openSignedIn(app);
      portal.control.expireAccessTokens();
      await expectAnswered(app, step, app.hosted(countQuery()), isLost ? 1 : 0);
    });
  });

const exchange = /generateToken$/;

const exchanges: readonly Point[] = [
  ['server not known', { portal: /rest\/info$/ }],
  ['server noted', { step: 'written' }],
  ['request not sent', { step: 'fetch', match: 'generateToken' }],
  ['request not handled', { portal: exchange, before: true }],
  ['token on its way', { portal: exchange }],
  ['token here', { step: 'answered', match: 'generateToken' }],
  ['signed request not sent', { step: 'fetch', match: 'query.*token=' }],
];

for (const [name, step] of exchanges)
  test(`federated server: ${name}`, async ({ app }) => {
    await openSignedIn(app);
    await expectAnswered(app, step, app.federated(countQuery()));
    expect(app.tokenRequests()).toBe(1);
  });

const revocation = /revokeToken$/;

const signOuts: readonly Point[] = [
  ['not noted', { step: 'keep', match: 'sign-outs' }],
  ['noted', { step: 'kept', match: 'sign-outs' }],
  ['credential not removed', { step: 'write' }],
  ['credential removed', { step: 'written' }],
  ['told', { step: 'posted', match: 'credential-changed' }],
  ['revocation not handled', { portal: revocation, before: true }],
  ['revocation on its way back', { portal: revocation }],
  ['call answered', { step: 'reply', match: 'RAW' }],
];

for (const [name, step] of signOuts)
  test(`sign-out: ${name}`, async ({ app, portal }) => {
    await openSignedIn(app);
    const stop = await app.stopAt(step);
    const signedOut = app.run(() => window.identity.signOut());
    signedOut.catch(() => undefined);
    await stop();
    await within(signedOut, 'signOut did not end');
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
    await app.stopWorker();
    await app.page.reload();
    await app.ready();
    await app.watchPrompts();
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
    const valid = (): number =>
      portal.control.tokens().filter(({ kind, state }) => kind === 'refresh' && state === 'valid').length;
    await expect.poll(valid, 'the portal has ended the session').toBe(0);
    portal.log.clear();
    await app.run((url) => void fetch(url).catch(() => undefined), app.hosted(countQuery()));
    await expect.poll(() => app.asked()).toBe(1);
    expect(portal.log.requests({ path: /query$/ }).every(({ tokenId }) => tokenId === undefined)).toBe(true);
  });

test.describe('app login', () => {
  test.use({
    identityConfig: appOnly,
    handlers: { make: (portal) => [tokensHandler(portal, false)] },
  });

  for (const [name, step] of [
    ['request not sent', { step: 'fetch', match: 'app-tokens' }],
    ['token here', { step: 'answered', match: 'app-tokens' }],
    ['signed request not handled', { portal: /query$/, before: true }],
  ] as const satisfies Point[])
    test(`app login: ${name}`, async ({ app }) => {
      await app.open();
      await app.watchPrompts();
      await expectAnswered(app, step, app.hosted(countQuery()));
    });
});

const level = (persistence: string): IdentityConfig => ({
  make: (portal) => ({ arcgis: [{ ...registration(portal), persistence }] }),
});

/** Deploys another registration, and stops the new worker at a step. @returns The page, opened anew. */
async function deployAndStop(app: KillableApp, config: IdentityConfig, step: Step): Promise<void> {
  if ('portal' in step) throw new Error('The portal sees nothing of it.');
  app.deploy(config);
  app.nextStep = step;
  await app.run(async () => {
    const found = await navigator.serviceWorker.ready;
    await found.update();
    while (found.installing) await new Promise(requestAnimationFrame);
  });
  // The browser lets the new version in when the last page has left the old one.
  await app.page.goto('about:blank');
  const opened = app.page.goto(app.url).then(() => app.ready());
  await app.untilReached();
  app.nextStep = undefined;
  await app.stopWorker();
  await within(opened, 'The page was not ready', 20_000);
}

test.describe('another level', () => {
  test.use({ identityConfig: level('persistent'), isSealed: true });

  for (const step of ['write', 'written'] as const)
    test(`less secure credential ${step === 'write' ? 'not removed' : 'removed'}`, async ({ app }) => {
      await app.open();
      await app.signIn('ana');
      await deployAndStop(app, level('sealed'), { step });
      // What page script could read is nobody's session.
      expect(await app.run(() => window.identity.credentials)).toEqual([]);
      await app.signIn('ana');
      await app.stopWorker();
      expect(await within(app.fetchJson(app.hosted(countQuery())))).toEqual(aCount);
    });
});
