/** The browser is killed at named points and started again: who was signed in still is, who was signing in signs in once, sign-out wins. */
import { KillableBrowser } from '../support/kill-points/browser.js';
import { KillableApp, expect, test as base, within, type Step } from '../support/kill-points.js';
import { serveApp, registration, type IdentityConfig } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

const config: IdentityConfig = { make: (portal) => ({ arcgis: [registration(portal)] }) };

const test = base.extend<{ browserApp: { app: KillableApp; restart: () => Promise<KillableApp> } }>({
  browserApp: async ({ portal }, use) => {
    const browser = new KillableBrowser();
    let app = new KillableApp(await browser.start(), portal, '');
    app.deploy(config);
    const server = await serveApp(portal, {
      config,
      folders: [app.folder],
      intercept: (path) => app.answerHooks(path),
    });
    Object.assign(app, { url: server.url });
    await use({
      app,
      restart: async () => {
        const { folder } = app;
        await browser.kill();
        app.expectNothingLeaked();
        app = new KillableApp(await browser.start(), portal, server.url, folder);
        await app.open();
        await app.watchPrompts();
        return app;
      },
    });
    app.expectNothingLeaked();
    await browser.kill();
    await server.close();
    await app.close();
  },
});

const token = /oauth2\/token$/;

type Work = 'sign-in' | 'refresh' | 'sign-out' | 'idle';

/** `asked` is how often the user is asked after the restart. */
const points: readonly (readonly [name: string, work: Work, step: Step | undefined, asked: 0 | 1])[] = [
  ['signed in, nothing under way', 'idle', undefined, 0],
  ['page prompted', 'sign-in', { step: 'posted', match: 'code-required' }, 1],
  ['redeeming noted', 'sign-in', { step: 'written', nth: 4 }, 1],
  ['tokens on their way', 'sign-in', { portal: token }, 1],
  ['credential not stored', 'sign-in', { step: 'write', nth: 5 }, 1],
  ['credential stored', 'sign-in', { step: 'written', nth: 5 }, 0],
  ['refresh not handled', 'refresh', { portal: token, before: true }, 0],
  ['refreshed token on its way', 'refresh', { portal: token }, 0],
  ['refreshed token stored', 'refresh', { step: 'written' }, 0],
  ['sign-out noted', 'sign-out', { step: 'kept', match: 'sign-outs' }, 1],
  ['credential removed', 'sign-out', { step: 'written' }, 1],
  ['revocation on its way', 'sign-out', { portal: /revokeToken$/, before: true }, 1],
];

/** Begins the work, and waits until the worker is at the step. */
async function begin(app: KillableApp, work: Work, step: Step | undefined): Promise<void> {
  await app.open();
  if (work !== 'sign-in') await app.signIn('ana');
  await app.watchPrompts();
  if (!step) return;
  if (work === 'refresh') app.portal.control.expireAccessTokens();
  const { reached } = await app.reach(step);
  // The revocation is not waited for: the user has signed out by then.
  if (work === 'sign-out' && 'portal' in step) await app.run(() => window.identity.signOut());
  else if (work === 'sign-out') await app.run(() => void window.identity.signOut().catch(() => undefined));
  else await app.run((url) => void fetch(url).catch(() => undefined), app.hosted(countQuery()));
  if (work === 'sign-in') void app.answerPrompts('ana').catch(() => undefined);
  await reached();
}

for (const [name, work, step, asked] of points)
  test(`browser, ${work}: ${name}`, async ({ browserApp: { app, restart }, portal }) => {
    await begin(app, work, step);
    const again = await restart();
    app.release();
    expect(await again.run(() => window.identity.credentials.length)).toBe(1 - asked);
    const answer = again.fetchJson(again.hosted(countQuery(1)));
    answer.catch(() => undefined);
    void again.answerPrompts('ana').catch(() => undefined);
    expect(await within(answer)).toEqual(aCount);
    expect(await again.asked()).toBe(asked);
    if (work !== 'sign-out') return;
    // What was not told to the portal is made up for.
    await expect
      .poll(
        () =>
          portal.control.tokens().filter(({ kind, state }) => kind === 'refresh' && state === 'valid').length,
      )
      .toBe(1);
  });
