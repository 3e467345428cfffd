/** The authorization request, and the authorization code: sent once, and refused where it does not belong. */
import { expect, registeredWith, test, type TestApp } from '../support/fixtures.js';
import { aCount, countAfterExpiry, countQuery } from '../support/services.js';

const authorizations = (app: TestApp) => app.portal.log.requests({ path: /oauth2\/authorize$/ });

test.describe(() => {
  test.use({ identityConfig: registeredWith({ expirationMinutes: 60, locale: 'de' }) });

  test('the authorization request carries each parameter once, and not the code verifier', async ({
    app,
  }) => {
    await app.open();
    const popup = await app.openSignInWindow();
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

test('a code with a changed state is refused and never sent; the right one still works', async ({ app }) => {
  await app.open();
  await app.handleChallengesInApp();
  const outcome = await app.startSignIn();
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

test(
  'a code that comes too late costs one new challenge, not a loop',
  { tag: ['@B5', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(countQuery()));
    const hold = app.portal.control.hold('/oauth2/token', { before: true });
    const popup = await app.openWindowFromDialog();
    await popup.getByLabel('Username').fill('ana');
    await popup.getByLabel('Password').fill('ana-demo-1');
    const closed = popup.waitForEvent('close');
    await popup.getByRole('button', { name: 'Sign in' }).click();
    await hold.reached(1);
    app.portal.control.setClockOffset(121_000);
    app.portal.control.endSessions();
    await app.consumeUserActivation();
    hold.release();
    await closed;
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await answer).toEqual(aCount);
    expect(app.tokenRequests()).toBe(2);
    expect(authorizations(app)).toHaveLength(2);
  },
);

test(
  'an authorization response opened in a second tab does not send its code twice',
  { tag: ['@H13'] },
  async ({ app }) => {
    await app.open();
    await app.handleChallengesInApp();
    const outcome = await app.startSignIn();
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
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  },
);

for (const [name, parameter, value] of [
  ['another code challenge', 'code_challenge', 'x'.repeat(43)],
  ['a plain challenge where S256 was announced', 'code_challenge_method', 'plain'],
  ['another client', 'client_id', 'idw-app'],
] as const) {
  test(`a code for ${name} ends in a typed error`, async ({ app }) => {
    app.portal.addRedirectUri(`${app.url}/signed-in.html`, 'idw-app');
    await app.open();
    await app.handleChallengesInApp();
    const outcome = await app.startSignIn();
    const url = await app.challengeUrl();
    url.searchParams.set(parameter, value);
    const tab = await app.fillInTab(url.href, 'ana');
    expect(await outcome()).toBe('code-refused');
    await expect(tab.locator('body')).toHaveText('code-refused');
    expect(app.tokenRequests()).toBe(1);
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
  });
}

test('a code for another redirect URI ends in a typed error', async ({ app }) => {
  await app.open();
  await app.handleChallengesInApp();
  const outcome = await app.startSignIn();
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
  test(`a code that meets ${name} is not sent again; the next sign-in works`, async ({ app }) => {
    await app.open();
    await app.handleChallengesInApp();
    const repair = app.portal.control.fault('/oauth2/token', fault);
    const outcome = await app.startSignIn();
    const tab = await app.fillInTab((await app.challengeUrl()).href, 'ana');
    expect(await outcome()).toBe('portal-unreachable');
    await expect(tab.locator('body')).toHaveText('portal-unreachable');
    expect(app.tokenRequests()).toBe(1);
    repair();
    const second = await app.startSignIn();
    await app.page
      .context()
      .newPage()
      .then(async (next) => next.goto((await app.challengeUrl()).href));
    expect(await second()).toBe('signed in as ana');
    expect(app.tokenRequests()).toBe(2);
  });
}

test(
  'an older portal that knows neither PKCE nor the refresh token’s lifetime can be signed in to, with PKCE sent',
  { tag: ['@G22'] },
  async ({ app }) => {
    app.portal.control.setPortalVersion('7.4');
    app.portal.control.omitRefreshTokenExpiresIn();
    await app.open();
    await app.signIn('ana');
    const [authorization] = app.portal.log.requests({ path: /oauth2\/authorize$/ });
    expect(new URLSearchParams(authorization?.query).get('code_challenge_method')).toBe('S256');
    const [exchange] = app.portal.log.requests({ path: /oauth2\/token$/ });
    expect(exchange?.secrets.some((label) => label.startsWith('code-verifier'))).toBe(true);
    expect(await countAfterExpiry(app)).toEqual(aCount);
  },
);
