/** The public names of `identity-worker`: each is there, and is what the documentation says. */
import { expect, test, type TestApp } from '../support/fixtures.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';

test('the names that a page imports', async ({ app }) => {
  await app.open();
  expect((await app.run(() => Object.keys(window.library))).toSorted()).toEqual([
    'ActivityEvent',
    'ChallengeError',
    'ConfigurationError',
    'ConnectionError',
    'IdentityError',
    'IdentityManager',
    'OAuthCodeRequiredEvent',
    'PortalError',
    'RequestTracedEvent',
    'SignInElsewhereEvent',
    'isIdentityError',
  ]);
});

test('portals and credentials', async ({ app, portal }) => {
  await app.open();
  const read = () =>
    app.run(() => ({ portals: window.identity.portals, credentials: window.identity.credentials }));
  expect(await read()).toEqual({
    portals: [{ url: portal.url, name: 'Demo Portal', isMemoryOnly: false }],
    credentials: [],
  });
  await app.signIn('ana');
  expect((await read()).credentials).toEqual([
    {
      portal: portal.url,
      username: 'ana',
      expires: expect.any(Number),
      sessionExpires: expect.any(Number),
      renewable: true,
    },
  ]);
});

test('every event is of its class', async ({ app }) => {
  await app.open();
  const other = await app.newTab();
  for (const tab of [app, other])
    await tab.run(() => {
      const { OAuthCodeRequiredEvent, SignInElsewhereEvent, ActivityEvent } = window.library;
      const seen = document.body.dataset;
      const classes = {
        'oauth-code-required': OAuthCodeRequiredEvent,
        'sign-in-elsewhere': SignInElsewhereEvent,
        'credentials-changed': Event,
        activity: ActivityEvent,
      };
      for (const [type, eventClass] of Object.entries(classes))
        window.identity.addEventListener(type as keyof typeof classes, (event) => {
          seen[type.replaceAll('-', '')] = String(event instanceof eventClass);
        });
      window.identity.addEventListener('oauth-code-required', (event) => {
        event.preventDefault();
        window.challenge = event;
      });
    });
  const answer = other.fetchJson(other.hosted(count));
  await other.challengeUrl();
  await expect.poll(() => app.run(() => document.body.dataset['signinelsewhere'])).toBe('true');
  await other.run(() => void window.challenge?.cancel());
  expect(await answer).toMatchObject({ error: { code: 499 } });
  await app.signIn('ana');
  for (const type of ['oauthcoderequired', 'credentialschanged', 'activity'])
    await expect.poll(() => other.run((name) => document.body.dataset[name], type), type).toBe('true');
});

/** Class names that an error of a call is an instance of. */
const classesOf = (app: TestApp, call: () => Promise<unknown>): Promise<string[]> =>
  app.page.evaluate(`(${call.toString()})().then(
    () => ['no error'],
    (error) => Object.entries(window.library)
      .filter(([name, value]) => name.endsWith('Error') && name !== 'isIdentityError' && error instanceof value)
      .map(([name]) => name)
      .concat(window.library.isIdentityError(error) ? error.code : 'not ours'),
  )`);

test.describe('every error is of its class, and known as ours', () => {
  test('ConfigurationError', async ({ app }) => {
    await app.open();
    expect(await classesOf(app, () => window.identity.signOut({ portal: 'https://nobody.example' }))).toEqual(
      ['ConfigurationError', 'IdentityError', 'portal-not-registered'],
    );
  });

  test('ChallengeError', async ({ app }) => {
    await app.open();
    expect(
      await classesOf(app, () => window.identity.setOAuthCodeForUrl('https://a.example/?state=1', 'abc')),
    ).toEqual(['ChallengeError', 'IdentityError', 'authorization-url-unknown']);
  });

  test('PortalError', async ({ app, portal }) => {
    await app.open();
    await app.handleChallengesInApp();
    await app.run(() => void window.identity.signIn().catch(() => undefined));
    await app.challengeUrl();
    portal.control.fault('/oauth2/token', { status: 503, times: 100 });
    expect(await classesOf(app, () => window.challenge!.setCode('abc'))).toEqual([
      'IdentityError',
      'PortalError',
      'portal-unreachable',
    ]);
  });

  test('ConnectionError', async ({ app }) => {
    await app.page.goto(`${app.url}/?scope=/signed-in.html`);
    expect(await classesOf(app, () => window.identity.ready)).toEqual([
      'ConnectionError',
      'IdentityError',
      'page-uncontrolled',
    ]);
  });
});

test.describe('calls in another shape', () => {
  for (const [name, call] of [
    ['the URL of a portal alone', `signIn('https://gis.example.org/portal')`],
    ['null', 'signIn(null)'],
    ['a number', 'signIn(7)'],
    ['the URL of a portal alone', `signOut('https://gis.example.org/portal', { portalSession: true })`],
    ['a boolean', 'signOut(true)'],
  ] as const)
    test(`${call.slice(0, call.indexOf('('))} with ${name} rejects, and opens no window`, async ({ app }) => {
      await app.open();
      await app.signIn('ana');
      // In a click, which would let a window open.
      const error = await app.page.evaluate(
        `window.identity.${call}.catch(({ name, code, facts, message }) => ({ name, code, facts, message }))`,
      );
      expect(error).toEqual({
        name: 'ConfigurationError',
        code: 'option-invalid',
        facts: { field: 'options' },
        message: expect.stringContaining('"options"'),
      });
      expect(app.page.context().pages()).toHaveLength(1);
      expect(await app.run(() => window.identity.credentials.length)).toBe(1);
    });
});

test.describe('a second call of instance', () => {
  const warnings = (app: TestApp): string[] =>
    app.consoleLines.filter((line) => line.startsWith('Identity Worker:'));

  test(
    'with other options warns which differ; those of the first call count',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      await app.open();
      const isSame = await app.run(() => {
        const second = window.library.IdentityManager.instance({
          worker: '/worker.js',
          login: 'none',
          language: 'de',
        });
        return second === window.identity;
      });
      expect(isSame).toBe(true);
      await expect.poll(() => warnings(app)).toHaveLength(1);
      expect(warnings(app)[0]).toContain('(language, login)');
      await app.run(() => void window.identity.signIn().catch(() => undefined));
      await app.waitForDialog();
      await expect(app.page.getByRole('dialog')).toHaveAttribute('lang', 'en');
    },
  );

  test('with the same options, or none, is silent', async ({ app }) => {
    await app.open();
    await app.run(() => {
      const { IdentityManager } = window.library;
      IdentityManager.instance();
      IdentityManager.instance({ worker: '/worker.js' });
      // Other options: what comes before has been looked at when their warning is there.
      IdentityManager.instance({ worker: new URL('/worker.js', location.href), type: 'classic' });
      IdentityManager.instance({ worker: '/other.js' });
    });
    await expect.poll(() => warnings(app)).toHaveLength(1);
    expect(warnings(app)[0]).toContain('(worker)');
  });
});
