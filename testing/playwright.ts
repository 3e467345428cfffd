/**
 * Playwright fixtures for the tests of an app that uses identity-worker: the portal, its users, and what happens to them.
 *
 * @module identity-worker-testing/playwright
 */
import {
  expect,
  test as base,
  type Page,
  type PlaywrightTestArgs,
  type PlaywrightTestOptions,
  type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions,
  type TestType,
} from '@playwright/test';
import type { Portal, TokenFilter } from '../demo/portal/index.js';
import { findLeaks } from './leaks.js';
import { recordConsoles, recordRequests } from './records.js';
import { signIn } from './sign-in.js';
import { startPortal, type TestPortalOptions } from './start-portal.js';
import { stopWorker } from './stop-worker.js';

/** Fixtures of every test. */
export interface TestFixtures {
  /** The portal, as new: no tokens, no faults, an empty log. Redirect URIs that a test adds stay. */
  portal: Portal;
  /**
   * Signs a user in through the portal's own page, in the window that opens or in the tab.
   *
   * @param username - One of the portal's users.
   * @param act - What opens the sign-in. Default: a click at the button "Sign in" of the library's dialog or of `<identity-account>`.
   */
  signIn: (page: Page, username: string, act?: () => Promise<unknown>) => Promise<void>;
  /** Expires access tokens now, of all users or of those that match. @returns How many. */
  expire: (filter?: TokenFilter) => number;
  /** Revokes access and refresh tokens, as an administrator does: users have to sign in again. @returns How many. */
  revoke: (filter?: TokenFilter) => number;
  /** Stops the service worker, as the browser does after half a minute; the next request starts it. Chromium only. */
  stopWorker: (page: Page) => Promise<void>;
  /** Takes the network from all pages and workers of the browser. @returns A function that gives it back. */
  goOffline: (page: Page) => Promise<() => Promise<void>>;
  /**
   * Fails where a token, a code, a code verifier or a client secret of the portal is in the page's globals, HTML, storage, address or
   * requests, or in a console of the browser.
   */
  expectNothingLeaked: (page: Page) => Promise<void>;
}

/** Options and fixtures of a worker process of Playwright. */
export interface TestWorkerFixtures {
  /** Options of the portal, which all tests of the process share. */
  portalOptions: TestPortalOptions;
  /** The portal of the process; tests use `portal`. */
  sharedPortal: Portal;
}

// With its type: TypeScript would write that of a package into the declarations which apps do not depend on.
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & TestFixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & TestWorkerFixtures
> = base.extend<TestFixtures, TestWorkerFixtures>({
  portalOptions: [{}, { option: true, scope: 'worker' }],

  // A context's `ignoreHTTPSErrors` says nothing to its service workers.
  launchOptions: [
    async ({ launchOptions, portalOptions }, use) =>
      use(
        (portalOptions.https ?? false)
          ? { ...launchOptions, args: [...(launchOptions.args ?? []), '--ignore-certificate-errors'] }
          : launchOptions,
      ),
    { scope: 'worker' },
  ],

  sharedPortal: [
    async ({ portalOptions }, use) => {
      const portal = await startPortal(portalOptions);
      await use(portal);
      await portal.close();
    },
    { scope: 'worker' },
  ],

  portal: async ({ sharedPortal }, use) => {
    sharedPortal.control.reset();
    sharedPortal.log.clear();
    await use(sharedPortal);
  },

  signIn: async ({ portal }, use) => use((page, username, act) => signIn(portal, page, username, act)),

  expire: async ({ portal }, use) => use((filter) => portal.control.expireAccessTokens(filter)),

  revoke: async ({ portal }, use) =>
    use((filter) => portal.control.revokeAccessTokens(filter) + portal.control.revokeRefreshTokens(filter)),

  // eslint-disable-next-line no-empty-pattern
  stopWorker: async ({}, use) => use(stopWorker),

  // eslint-disable-next-line no-empty-pattern
  goOffline: async ({}, use) =>
    use(async (page) => {
      await page.context().setOffline(true);
      return () => page.context().setOffline(false);
    }),

  // Records from before the first page on.
  expectNothingLeaked: async ({ portal, context }, use) => {
    const recorded = { consoles: recordConsoles(context), requests: recordRequests(context) };
    await use(async (page) => {
      const leaks = await findLeaks(portal, page, recorded);
      expect(leaks, 'Secrets of the portal that page script can read').toEqual([]);
    });
  },
});

export { expect };
