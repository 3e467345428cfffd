/** Conformance list, rows 1 to 16, 56 and 58: authorization, codes, and sign-ins that go wrong. */
import { expect, registration, test, type IdentityConfig, type TestApp } from '../support/fixtures.js';
import { fillInForm } from '../support/oauth-client.js';

const count = (index = 0): string =>
  `Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json&index=${index}`;
const aCount = { count: expect.any(Number) as unknown };

/** The portal's registration with other options. */
const withOptions = (options: Record<string, unknown>): { identityConfig: IdentityConfig } => ({
  identityConfig: { make: (portal) => ({ arcgis: [{ ...registration(portal), ...options }] }) },
});

const authorizations = (app: TestApp) => app.portal.log.requests({ path: /oauth2\/authorize$/ });

test.describe(() => {
  test.use(withOptions({ expirationMinutes: 60, locale: 'de' }));

  test('1: the authorization request carries everything once, and its code verifier not at all', async ({
    app,
  }) => {
    await app.open();
    const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
    await popup.getByLabel('Username').waitFor();
    const [first, ...others] = authorizations(app);
    expect(others).toEqual([]);
    const query = new URLSearchParams(first?.query);
    expect(Object.fromEntries(query)).toEqual({
      client_id: 'idw-demo',
      response_type: 'code',
      redirect_uri: `${app.url}/signed-in.html`,
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      expiration: '60',
      locale: 'de',
    });
    expect([...query.keys()]).toHaveLength(8);
  });
});

test('3: a wrong password keeps the request waiting', async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(count()));
  const popup = await app.answerDialog();
  await popup.getByLabel('Username').fill('ana');
  await popup.getByLabel('Password').fill('wrong');
  await popup.getByRole('button', { name: 'Sign in' }).click();
  await expect(popup.getByRole('alert')).toHaveText('Invalid username or password.');
  expect(await Promise.race([answer, app.run(() => 'still waiting')])).toBe('still waiting');
  await app.fillIn(popup, 'ana');
  expect(await answer).toEqual(aCount);
  expect(authorizations(app)).toHaveLength(1);
});

test('4: declining leaves a typed error and nothing else', async ({ app }) => {
  await app.open();
  await app.takeOver();
  const outcome = await app.beginSignIn();
  const tab = await app.page.context().newPage();
  await tab.goto((await app.challengeUrl()).href);
  await tab.getByRole('button', { name: 'Cancel' }).click();
  expect(await outcome()).toBe('access-denied');
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
  expect(app.tokenRequests()).toBe(0);
  await app.stopWorker();
  expect(await app.fetchJson(app.hosted(count()))).toMatchObject({ error: { code: 499 } });
  expect(app.portal.control.tokens()).toEqual([]);
});

for (const [row, name, options, heading] of [
  ['5', 'a longer redirect URI', { redirectUri: '/signed-in.html/more' }, 'Error 400: Invalid redirect_uri'],
  [
    '5',
    'a redirect URI with a trailing slash',
    { redirectUri: '/signed-in.html/' },
    'Error 400: Invalid redirect_uri',
  ],
  ['5', 'another redirect URI', { redirectUri: '/signed-in.htm' }, 'Error 400: Invalid redirect_uri'],
  ['6', 'an unknown client id', { clientId: 'nobody' }, 'Error 400: Invalid client_id'],
] as const) {
  test.describe(() => {
    test.use(withOptions(options));

    test(`${row}: ${name} ends at the portal, and closing its page with a typed error`, async ({ app }) => {
      await app.open();
      const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
      await expect(popup.getByRole('heading')).toHaveText(heading);
      await app.closeWindow(popup);
      await expect(app.page.getByRole('status')).toHaveText('challenge-cancelled');
      expect(await app.fetchJson(app.hosted(count()))).toMatchObject({ error: { code: 499 } });
      expect(app.tokenRequests()).toBe(0);
    });
  });
}

test('7: who has a session at the portal is signed in without a form', async ({ app }) => {
  await app.open();
  await app.signInByWindow('ana');
  await app.run(() => window.identity.signOut());
  app.portal.log.clear();
  const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
  if (!popup.isClosed()) await popup.waitForEvent('close');
  await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
  expect(authorizations(app)).toMatchObject([{ status: 302 }]);
  expect(app.portal.log.count({ path: /oauth2\/signin$/ })).toBe(0);
});

test('8: an app can force the form by the URL it was given', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  await app.run(() => window.identity.signOut());
  await app.takeOver();
  const outcome = await app.beginSignIn();
  const url = await app.challengeUrl();
  url.searchParams.set('force_login', 'true');
  await app.fillInTab(url.href, 'ben');
  expect(await outcome()).toBe('signed in as ben');
});

test.describe('9: out of band', () => {
  test.use(withOptions({ redirectUri: 'urn:ietf:wg:oauth:2.0:oob' }));

  test('9: a pasted code is accepted', async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(count()));
    const popup = await app.answerDialog();
    await fillInForm(popup, 'ana');
    await expect(popup).toHaveTitle(/^SUCCESS code=/);
    const code = await popup.getByLabel('Authorization code').inputValue();
    const dialog = app.page.getByRole('dialog');
    // As a person pastes it, with a blank too many.
    await dialog.getByLabel('Code').fill(` ${code} `);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    expect(await answer).toEqual(aCount);
    await expect(dialog).toHaveCount(0);
    expect(app.tokenRequests()).toBe(1);
  });

  test('9: a mistyped code lets the request wait for another one', async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(count()));
    await app.dialogShown();
    const dialog = app.page.getByRole('dialog');
    await dialog.getByLabel('Code').fill('mistyped');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await app.portal.log.waitFor({ path: /oauth2\/token$/, where: ({ status }) => status !== 0 });
    await expect(dialog.getByLabel('Code')).toHaveValue('');
    const popup = await app.popupOf(() => dialog.getByRole('button', { name: 'Sign in' }).click());
    await fillInForm(popup, 'ana');
    await dialog.getByLabel('Code').fill(await popup.getByLabel('Authorization code').inputValue());
    await dialog.getByRole('button', { name: 'Continue' }).click();
    expect(await answer).toEqual(aCount);
    expect(app.tokenRequests()).toBe(2);
  });

  test('9: who declines at the portal gives up in the dialog', async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(count()));
    const popup = await app.answerDialog();
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await expect(popup).toHaveTitle('Denied error=access_denied');
    await app.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await answer).toMatchObject({ error: { code: 499 } });
    expect(app.tokenRequests()).toBe(0);
  });
});

test('10: a code with a changed state is refused and never sent; the right one still works', async ({
  app,
}) => {
  await app.open();
  await app.takeOver();
  const outcome = await app.beginSignIn();
  const url = await app.challengeUrl();
  const changed = new URL(url);
  changed.searchParams.set('state', '{"id":"ü%&"}');
  const tab = await app.fillInTab(changed.href, 'ana');
  await expect(tab.locator('body')).toHaveText('authorization-url-unknown');
  expect(app.tokenRequests()).toBe(0);
  const missing = new URL(url);
  missing.searchParams.delete('state');
  await tab.goto(missing.href);
  expect(new URL(tab.url()).searchParams.has('code')).toBe(true);
  await tab.goto(url.href);
  expect(await outcome()).toBe('signed in as ana');
  // One code of three was sent.
  expect(app.tokenRequests()).toBe(1);
});

test('12: a code that comes too late costs one new challenge, not a loop', async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(count()));
  const hold = app.portal.control.hold('/oauth2/token', { before: true });
  const popup = await app.answerDialog();
  await popup.getByLabel('Username').fill('ana');
  await popup.getByLabel('Password').fill('ana-demo-1');
  const closed = popup.waitForEvent('close');
  await popup.getByRole('button', { name: 'Sign in' }).click();
  await hold.reached(1);
  app.portal.control.setClockOffset(121_000);
  app.portal.control.endSessions();
  await app.clickForgotten();
  hold.release();
  await closed;
  await app.fillIn(await app.answerDialog(), 'ana');
  expect(await answer).toEqual(aCount);
  expect(app.tokenRequests()).toBe(2);
  expect(authorizations(app)).toHaveLength(2);
});

test('13: the same answer opened in a second tab sends no code twice', async ({ app }) => {
  await app.open();
  await app.takeOver();
  const outcome = await app.beginSignIn();
  const hold = app.portal.control.hold('/oauth2/token');
  const tab = await app.page.context().newPage();
  await tab.goto((await app.challengeUrl()).href);
  await tab.getByLabel('Username').fill('ana');
  await tab.getByLabel('Password').fill('ana-demo-1');
  const [redirect] = await Promise.all([
    tab.waitForResponse(/oauth2\/signin$/),
    tab.getByRole('button', { name: 'Sign in' }).click(),
  ]);
  const callback = (await redirect.headerValue('location')) ?? '';
  await hold.reached(1);
  const second = await app.page.context().newPage();
  await second.goto(callback);
  await expect(second.locator('body')).toHaveText('code-reused');
  hold.release();
  expect(await outcome()).toBe('signed in as ana');
  const third = await app.page.context().newPage();
  await third.goto(callback);
  await expect(third.locator('body')).toHaveText('code-reused');
  expect(app.tokenRequests()).toBe(1);
  expect(await app.fetchJson(app.hosted(count()))).toEqual(aCount);
});

for (const [row, name, parameter, value] of [
  ['14', 'another code challenge', 'code_challenge', 'x'.repeat(43)],
  ['14', 'a plain challenge where S256 was announced', 'code_challenge_method', 'plain'],
  ['16', 'another client', 'client_id', 'idw-app'],
] as const) {
  test(`${row}: a code for ${name} ends in a typed error`, async ({ app }) => {
    app.portal.addRedirectUri(`${app.url}/signed-in.html`, 'idw-app');
    await app.open();
    await app.takeOver();
    const outcome = await app.beginSignIn();
    const url = await app.challengeUrl();
    url.searchParams.set(parameter, value);
    const tab = await app.fillInTab(url.href, 'ana');
    expect(await outcome()).toBe('code-refused');
    await expect(tab.locator('body')).toHaveText('code-refused');
    expect(app.tokenRequests()).toBe(1);
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
  });
}

test('15: a code for another redirect URI ends in a typed error', async ({ app }) => {
  await app.open();
  await app.takeOver();
  const outcome = await app.beginSignIn();
  const url = await app.challengeUrl();
  const elsewhere = new URL(url);
  elsewhere.searchParams.set('redirect_uri', 'urn:ietf:wg:oauth:2.0:oob');
  const tab = await app.fillInTab(elsewhere.href, 'ana');
  const code = await tab.getByLabel('Authorization code').inputValue();
  const refusal = await app.run(
    ([authorizationUrl, given]) =>
      window.identity.setOAuthCodeForUrl(authorizationUrl, given).then(
        () => 'accepted',
        (error: { name: string; code: string }) => `${error.name}/${error.code}`,
      ),
    [url.href, code] as [string, string],
  );
  expect(refusal).toBe('ChallengeError/code-refused');
  expect(await outcome()).toBe('code-refused');
});

for (const [name, fault] of [
  ['500', { status: 500 }],
  ['503', { status: 503, retryAfterS: 1 }],
  ['an HTML page', { html: '<h1>Gateway</h1>' }],
  ['a cut-off answer', { truncate: true }],
  ['a connection cut after the code was taken', { drop: 'answer' }],
] as const) {
  test(`22: a code that meets ${name} is not sent again; the next sign-in works`, async ({ app }) => {
    await app.open();
    await app.takeOver();
    const repair = app.portal.control.fault('/oauth2/token', fault);
    const outcome = await app.beginSignIn();
    const tab = await app.fillInTab((await app.challengeUrl()).href, 'ana');
    expect(await outcome()).toBe('portal-unreachable');
    await expect(tab.locator('body')).toHaveText('portal-unreachable');
    expect(app.tokenRequests()).toBe(1);
    repair();
    await app.run(() => delete window.challenge);
    const second = await app.beginSignIn();
    await app.page
      .context()
      .newPage()
      .then(async (next) => next.goto((await app.challengeUrl()).href));
    expect(await second()).toBe('signed in as ana');
    expect(app.tokenRequests()).toBe(2);
  });
}

test('56: after signing out at the portal too, the next sign-in shows the form', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  await app.run(() => window.identity.signOut());
  const signOutUrl = new URL(`${app.portal.url}/sharing/rest/oauth2/signout`);
  signOutUrl.search = String(
    new URLSearchParams({ client_id: 'idw-demo', redirect_uri: `${app.url}/signed-in.html` }),
  );
  await app.page.goto(signOutUrl.href);
  expect(app.page.url()).toBe(`${app.url}/signed-in.html`);
  await app.open();
  await app.signIn('ben');
});

test('58: stopped before the portal has taken the code: a typed error, and the code is sent once', async ({
  app,
}) => {
  await app.open();
  await app.takeOver();
  const hold = app.portal.control.hold('/oauth2/token', { before: true });
  const outcome = await app.beginSignIn();
  await app.fillInTab((await app.challengeUrl()).href, 'ana');
  await hold.reached(1);
  await app.stopWorker();
  hold.release();
  expect(await outcome()).toBe('sign-in-interrupted');
  expect(app.tokenRequests()).toBe(1);
  await app.run(() => delete window.challenge);
  const second = await app.beginSignIn();
  await app.page
    .context()
    .newPage()
    .then(async (next) => next.goto((await app.challengeUrl()).href));
  expect(await second()).toBe('signed in as ana');
  expect(app.tokenRequests()).toBe(2);
});

test('58: stopped while ten requests wait: one sign-in answers all of them', async ({ app }) => {
  await app.open();
  const answers = Promise.all(
    Array.from({ length: 10 }, (_, index) => app.fetchJson(app.hosted(count(index)))),
  );
  await app.portal.log.waitFor({ path: /query$/ }, 10);
  await app.dialogShown();
  await app.stopWorker();
  await app.fillIn(await app.answerDialog(), 'ana');
  expect(await answers).toEqual(Array.from({ length: 10 }, () => aCount));
  expect(authorizations(app)).toHaveLength(1);
  expect(app.tokenRequests()).toBe(1);
});
