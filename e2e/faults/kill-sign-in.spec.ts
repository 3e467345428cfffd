/** The worker is stopped at each step of its start and of a sign-in: requests end signed, and who was not lost is not asked again. */
import { expect, test, within, type KillableApp, type LifeStep, type Step } from '../support/kill-points.js';
import { registeredWith } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { fillInForm } from '../support/oauth-client.js';

/** A new request works, with no prompt more. */
async function expectWorking(app: KillableApp, asked: number): Promise<void> {
  expect(await within(app.fetchJson(app.hosted(countQuery(99))))).toEqual(aCount);
  expect(await app.asked()).toBe(asked);
}

for (const step of ['install', 'activate', 'claim', 'claimed'] as const satisfies LifeStep[])
  test(`first visit: ${step}`, async ({ app }) => {
    app.life = step;
    await app.page.goto(app.url);
    await app.untilReached();
    const cdp = await app.page.context().newCDPSession(app.page);
    await cdp.send('ServiceWorker.enable');
    await cdp.send('ServiceWorker.stopAllWorkers');
    await within(app.ready(), 'The page was not ready', 20_000);
    await app.signIn('ana');
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  });

test('first visit: first call answered', async ({ app }) => {
  app.nextStep = { step: 'reply', match: 'RAW' };
  await app.page.goto(app.url);
  await app.untilReached();
  await app.stopWorker();
  await within(app.ready(), 'The page was not ready');
  await app.signIn('ana');
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
});

const queryPath = '/query';
const token = /oauth2\/token$/;

/** Before the user answers the prompt. */
const beforeTheCode: readonly (readonly [name: string, step: Step])[] = [
  ['request not handled', { portal: /query$/, before: true }],
  ['refusal on its way', { portal: /query$/ }],
  ['challenge not stored', { step: 'write', nth: 2 }],
  ['challenge stored', { step: 'written', nth: 2 }],
  ['page prompted', { step: 'posted', match: 'code-required' }],
  ['prompt noted', { step: 'written', nth: 3 }],
];

for (const [name, step] of beforeTheCode)
  test(`sign-in: ${name}`, async ({ app }) => {
    await app.open();
    await app.watchPrompts();
    const stop = await app.stopAt(step);
    const answer = app.fetchJson(app.hosted(countQuery()));
    answer.catch(() => undefined);
    await stop();
    void app.answerPrompts('ana').catch(() => undefined);
    expect(await within(answer)).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
    await expectWorking(app, 1);
  });

/** From the user's answer on; `asked` once more where the code is lost. */
const fromTheCodeOn: readonly (readonly [name: string, step: Step, asked?: 2])[] = [
  ['code on its way to the worker', { step: 'reply', match: 'port-ready' }],
  ['redeeming not noted', { step: 'write' }],
  ['redeeming noted', { step: 'written' }, 2],
  ['token request not sent', { step: 'fetch', match: 'oauth2/token' }, 2],
  ['token request not handled', { portal: token, before: true }, 2],
  ['tokens on their way', { portal: token }, 2],
  ['credential not stored', { step: 'write', nth: 2 }, 2],
  ['credential stored', { step: 'written', nth: 2 }],
  ['credential announced', { step: 'posted', match: 'credential-changed' }],
  ['end of the challenge stored', { step: 'written', nth: 3 }],
  ['end of the challenge told', { step: 'posted', match: 'challenge-settled' }],
  ['answer to the code', { step: 'reply', match: 'RAW' }],
  ['signed request not handled', { portal: /query$/, before: true }],
  ['signed answer on its way', { portal: /query$/ }],
  ['signed answer not handed over', { step: 'respond', match: queryPath }],
];

for (const [name, step, asked = 1] of fromTheCodeOn)
  test(`sign-in: ${name}`, async ({ app }) => {
    await app.open();
    await app.watchPrompts();
    const answer = app.fetchJson(app.hosted(countQuery()));
    answer.catch(() => undefined);
    await expect.poll(() => app.asked()).toBe(1);
    // What the prompt writes is no step of these.
    await expect.poll(() => app.countOf('written')).toBe(3);
    const stop = await app.stopAt(step);
    void app.answerPrompts('ana').catch(() => undefined);
    await stop();
    expect(await within(answer)).toEqual(aCount);
    expect(app.tokenRequests()).toBeLessThanOrEqual(asked);
    await expectWorking(app, asked);
  });

test.describe('the worker takes the code', () => {
  test.use({ identityConfig: registeredWith({ callback: 'worker' }) });

  for (const [name, step, isKept] of [
    ['redeeming noted', { step: 'written' }, false],
    ['tokens on their way', { portal: token }, false],
    ['credential stored', { step: 'written', nth: 2 }, true],
    ['end told', { step: 'posted', match: 'challenge-settled' }, true],
    ['redirect not handed over', { step: 'respond', match: 'signed-in.html' }, true],
  ] as const satisfies (readonly [string, Step, boolean])[])
    test(`strict callback: ${name}`, async ({ app }) => {
      await app.open();
      const popup = await app.openSignInWindow();
      await expect.poll(() => app.countOf('written')).toBe(2);
      const stop = await app.stopAt(step);
      void fillInForm(popup, 'ana').catch(() => undefined);
      await stop();
      // What a page in a sign-in does every 10 s, or any other message.
      await app.run(() => window.identity.inspectClients());
      const status = app.page.getByRole('status');
      if (isKept) await expect(status).toHaveText('signed in as ana');
      else await expect(status).toHaveText('sign-in-interrupted');
      if (!isKept) await app.signIn('ana');
      expect(await within(app.fetchJson(app.hosted(countQuery())))).toEqual(aCount);
      expect(app.tokenRequests()).toBeLessThanOrEqual(isKept ? 1 : 2);
    });
});
