/** Calls with wrong arguments: each rejects with a code of its own. */
import { expect, test, type TestApp } from '../support/fixtures.js';

test.beforeEach(({ app }) => app.open());

/** Makes a call in the page. @returns `fine`, or class and code of its error. */
const run = (app: TestApp, call: () => Promise<unknown>): Promise<string> =>
  app.page.evaluate(`(${call.toString()})().then(() => 'fine', (error) => error.name + '/' + error.code)`);

test('an unknown authorization URL is authorization-url-unknown', async ({ app }) => {
  expect(
    await run(app, () => window.identity.setOAuthCodeForUrl('https://a.example/authorize?state=1', 'code')),
  ).toBe('ChallengeError/authorization-url-unknown');
});

test('a portal without a registration is portal-not-registered', async ({ app }) => {
  expect(await run(app, () => window.identity.signIn({ portal: 'https://a.example/portal' }))).toBe(
    'ConfigurationError/portal-not-registered',
  );
  expect(await run(app, () => window.identity.signOut({ portal: 'nonsense' }))).toBe(
    'ConfigurationError/portal-not-registered',
  );
});

test('an empty code, a wrong code and a used code have an error each', async ({ app, portal }) => {
  await app.run(() => {
    window.identity.addEventListener('oauth-code-required', (event) => {
      event.preventDefault();
      window.challenge = event;
    });
    void window.identity.signIn().catch(() => undefined);
  });
  await expect.poll(() => app.run(() => window.challenge !== undefined)).toBe(true);
  expect(
    await run(app, () => window.identity.setOAuthCodeForUrl(window.challenge!.authorizationUrl, '  ')),
  ).toBe('ChallengeError/code-missing');
  expect(
    await run(app, () => window.identity.setOAuthCodeForUrl(window.challenge!.authorizationUrl, 'wrong')),
  ).toBe('ChallengeError/code-refused');
  expect(
    await run(app, () => window.identity.setOAuthCodeForUrl(window.challenge!.authorizationUrl, 'wrong')),
  ).toMatch(/ChallengeError\/(code-reused|authorization-url-unknown)/);
  expect(app.tokenRequests()).toBe(1);
  expect(portal.control.tokens().filter(({ kind }) => kind === 'access')).toEqual([]);
});
