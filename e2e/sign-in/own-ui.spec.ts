/** Apps with a sign-in UI of their own: the challenge event, and the URL it gives. */
import { expect, test, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { fillInForm } from '../support/oauth-client.js';

const seen = (app: TestApp) =>
  app.run(() => {
    const {
      portal,
      portalName,
      outOfBand: isOutOfBand,
      reason,
      waitingRequests,
      signal,
    } = window.challenge ?? {};
    return { portal, portalName, isOutOfBand, reason, waitingRequests, isOver: signal?.aborted };
  });

test('the challenge tells its reason and how many requests wait', async ({ app }) => {
  await app.open();
  await app.handleChallengesInApp();
  const outcome = await app.startSignIn();
  const url = (await app.challengeUrl()).href;
  const told = { portal: app.portal.url, portalName: 'Demo Portal', isOutOfBand: false, isOver: false };
  expect(await seen(app)).toEqual({ ...told, reason: 'requested', waitingRequests: 0 });
  await app.fillInTab(url, 'ana');
  expect(await outcome()).toBe('signed in as ana');
  await expect.poll(() => seen(app)).toMatchObject({ isOver: true });

  await app.run(() => window.identity.signOut());
  await app.run(() => delete window.challenge);
  const first = app.fetchJson(app.hosted(countQuery()));
  const next = (await app.challengeUrl()).href;
  expect(await seen(app)).toEqual({ ...told, reason: 'signed-out', waitingRequests: 1 });
  app.portal.control.endSessions();
  await app.fillInTab(next, 'ben');
  await first;

  app.portal.control.revokeRefreshTokens();
  app.portal.control.revokeAccessTokens();
  await app.run(() => delete window.challenge);
  const second = app.fetchJson(app.hosted(countQuery()));
  await app.challengeUrl();
  expect(await seen(app)).toEqual({ ...told, reason: 'expired', waitingRequests: 1 });
  await app.run(() => window.challenge?.cancel());
  expect(await second).toMatchObject({ error: expect.anything() });
  await expect.poll(() => seen(app)).toMatchObject({ isOver: true });
  expect(await app.isPrompting()).toBe(false);
});

test('the signal of a challenge aborts when another tab has answered it', async ({ app }) => {
  await app.open();
  await app.handleChallengesInApp();
  const answer = app.fetchJson(app.hosted(countQuery()));
  await app.challengeUrl();
  const other = await app.newTab();
  await other.signIn('ana');
  expect(await answer).toEqual(aCount);
  await expect.poll(() => seen(app)).toMatchObject({ isOver: true });
});

test('an app may handle the challenge itself', async ({ app }) => {
  await app.open();
  await app.run(() => {
    window.identity.addEventListener('oauth-code-required', (event) => {
      event.preventDefault();
      window.challenge = event;
    });
  });
  const answer = app.fetchJson(app.hosted(countQuery()));
  await expect
    .poll(() => app.run(() => window.challenge?.authorizationUrl ?? ''))
    .toContain('/oauth2/authorize');
  // The app opens the sign-in page in a tab of its own making; the callback page does the rest.
  const url = await app.run(() => window.challenge?.authorizationUrl ?? '');
  expect(await app.isPrompting()).toBe(false);
  const tab = await app.page.context().newPage();
  await tab.goto(url);
  await fillInForm(tab, 'ana');
  expect(await answer).toEqual(aCount);
  await expect.poll(() => app.run(() => window.challenge?.signal.aborted)).toBe(true);
});

test('an app can force the form by the URL it was given', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  await app.run(() => window.identity.signOut());
  await app.handleChallengesInApp();
  const outcome = await app.startSignIn();
  const url = await app.challengeUrl();
  url.searchParams.set('force_login', 'true');
  await app.fillInTab(url.href, 'ben');
  expect(await outcome()).toBe('signed in as ben');
});
