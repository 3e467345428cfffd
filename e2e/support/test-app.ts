/** The test app as its user sees it: opened in a tab, signed in through the portal's own page. */
import { expect, type CDPSession, type Page } from '@playwright/test';
import type { Portal } from '../../demo/portal/index.js';
import { recordConsoles } from '../../testing/records.js';
import { stopWorker } from '../../testing/stop-worker.js';
import { answerChallenge } from './answer-challenge.js';
import { fetchInPage, jsonOf, loadImageInPage, untilWindowSeen, type Outcome } from './in-page.js';
import { authorize, fillInForm, type User } from './oauth-client.js';

export class TestApp {
  /** Everything that pages and workers of this browser wrote to their consoles. */
  readonly consoleLines: string[];
  /** What a test does to the worker, as its console tells it. */
  readonly expectedFaults = ['ConfigurationError'];
  /** Windows that the app has opened, but for those that a test has opened by a click. */
  readonly #windows = new Set<Page>();
  #cdp: CDPSession | undefined;

  constructor(
    readonly page: Page,
    readonly portal: Portal,
    readonly url: string,
  ) {
    this.consoleLines = recordConsoles(page.context());
    page.on('popup', (popup) => this.#windows.add(popup));
  }

  /** The same app in another tab of the same browser. */
  async newTab(): Promise<TestApp> {
    const tab = new TestApp(await this.page.context().newPage(), this.portal, this.url);
    return tab.open().then(() => tab);
  }

  /** Opens the app and waits until its requests are signed. */
  async open(path = '/'): Promise<void> {
    await this.page.goto(this.url + path);
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.run(async () => {
      while (!('identity' in window)) await new Promise(requestAnimationFrame);
      await window.identity.ready;
    });
  }

  /** Runs page code without a user gesture: Playwright's own `evaluate` counts as one, and windows open in gestures only. */
  run<T, A = undefined>(code: (argument: A) => T | Promise<T>, argument?: A): Promise<T> {
    return this.runText(`(${code.toString()})(${JSON.stringify(argument)})`);
  }

  /** The same for the text of an expression. */
  async runText<T>(expression: string): Promise<T> {
    const cdp = (this.#cdp ??= await this.page.context().newCDPSession(this.page));
    const { result, exceptionDetails } = await cdp.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: false,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as T;
  }

  /** The URL of a hosted service's operation. */
  hosted(operation: string): string {
    return `${this.portal.hostedUrl}/${operation}`;
  }

  /** The URL of a federated service's operation. */
  federated(operation: string): string {
    return `${this.portal.serverUrl}/rest/services/${operation}`;
  }

  /** Fetches as page code does. */
  fetch(url: string, init?: RequestInit): Promise<Outcome> {
    return this.run(fetchInPage, [url, init] as [string, RequestInit?]);
  }

  /** Fetches and reads JSON; fails the test on an error. */
  async fetchJson(url: string, init?: RequestInit): Promise<Record<string, unknown>> {
    return jsonOf(await this.fetch(url, init));
  }

  /** Loads an image as page code does. @returns Its natural width; 0 when it failed. */
  loadImage(url: string, crossOrigin?: 'anonymous'): Promise<number> {
    return this.run(loadImageInPage, [url, crossOrigin] as [string, string?]);
  }

  /** Runs something that opens the sign-in window, and returns the window. */
  async waitForPopup(act: () => Promise<unknown>): Promise<Page> {
    const [popup] = await Promise.all([this.page.waitForEvent('popup'), act()]);
    this.#windows.delete(popup);
    return popup;
  }

  /** Clicks the app's sign-in button, and returns the window that it opens. */
  openSignInWindow(): Promise<Page> {
    return this.waitForPopup(() => this.page.getByRole('button', { name: 'Sign in' }).click());
  }

  /** Runs page code in a click that opens a window: Playwright's own `evaluate` counts as one. */
  openInClick(code: () => Promise<unknown>): Promise<Page> {
    return this.waitForPopup(() => this.page.evaluate(`void (${code.toString()})().catch(String)`));
  }

  /** Fills in the portal's own sign-in page; the window closes by itself. */
  async fillIn(popup: Page, user: User): Promise<void> {
    await Promise.all([popup.waitForEvent('close'), fillInForm(popup, user)]);
  }

  /** Fills in the sign-in page in a tab, where nothing closes by itself, and returns the tab at the callback page. */
  async fillInTab(url: string, user: User): Promise<Page> {
    const tab = await this.page.context().newPage();
    await tab.goto(url);
    await fillInForm(tab, user);
    return tab;
  }

  /** Closes the sign-in window once the page has seen the portal in it: what it has not seen, it takes for a severed window. */
  async closeSignInWindow(popup: Page): Promise<void> {
    await popup.getByRole('heading').first().waitFor();
    await this.run(untilWindowSeen);
    await popup.close();
  }

  /**
   * Signs in as an app with a sign-in of its own does, and without a window: for tests that begin after it.
   *
   * @param portal - Where more than one is registered.
   */
  async signIn(user: User, portal?: string): Promise<void> {
    const authorizationUrl = await this.run(
      (options) =>
        new Promise<string>((resolve, reject) => {
          window.identity.addEventListener(
            'oauth-code-required',
            (event) => {
              event.preventDefault();
              window.challenge = event;
              resolve(event.authorizationUrl);
            },
            { once: true },
          );
          window.outcome = window.identity.signIn(options).then(({ username }) => username ?? '');
          window.outcome.catch(reject);
        }),
      portal === undefined ? {} : { portal },
    );
    await answerChallenge(this.page, this.run.bind(this), await authorize(authorizationUrl, user));
    const username = await this.run(() => window.outcome);
    expect(username).toBe(user);
  }

  /** Signs in by the app's button and the portal's window. */
  async signInByWindow(user: User): Promise<void> {
    await this.fillIn(await this.openSignInWindow(), user);
    await expect(this.page.getByRole('status')).toHaveText(`signed in as ${user}`);
  }

  /** Waits for the sign-in dialog. Not by a locator: Playwright's look counts as a user gesture, and opens the window. */
  async waitForDialog(): Promise<void> {
    await this.run(
      () =>
        new Promise<void>((resolve) => {
          const look = (): void => {
            if (document.querySelector('identity-worker-dialog')) resolve();
          };
          new MutationObserver(look).observe(document.body, { childList: true });
          look();
        }),
    );
  }

  /** Waits for the dialog, clicks its button, and returns the window that it opens. */
  async openWindowFromDialog(): Promise<Page> {
    await this.waitForDialog();
    const dialog = this.page.getByRole('dialog');
    return this.waitForPopup(() => dialog.getByRole('button', { name: 'Sign in' }).click());
  }

  /** Uses up the last click (HTML standard, transient activation): from here on the browser lets no window open by itself. */
  async consumeUserActivation(): Promise<void> {
    const opened = this.page.waitForEvent('popup', { timeout: 0 });
    opened.catch(() => undefined);
    if (!(await this.run(() => open('about:blank') !== null))) return;
    const popup = await opened;
    this.#windows.delete(popup);
    await popup.close();
  }

  /** From now on the app handles challenges itself: no dialog, and `challengeUrl` returns their URL. */
  async handleChallengesInApp(): Promise<void> {
    await this.run(() => {
      delete window.challenge;
      window.identity.addEventListener('oauth-code-required', (event) => {
        event.preventDefault();
        window.challenge = event;
      });
    });
  }

  /** The authorization URL of the challenge that the app handles. */
  async challengeUrl(): Promise<URL> {
    const read = (): Promise<string> => this.run(() => window.challenge?.authorizationUrl ?? '');
    await expect.poll(read).toContain('/authorize');
    return new URL(await read());
  }

  /** Starts `signIn` without a click and returns how it ended: the user's name, or the error's code. */
  async startSignIn(): Promise<() => Promise<string>> {
    await this.run(() => {
      delete window.challenge;
      window.outcome = window.identity.signIn().then(
        ({ username }) => `signed in as ${username}`,
        (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
      );
    });
    return () => this.run(() => window.outcome ?? '');
  }

  /**
   * Whether the app prompts the user: the dialog is open, or it has opened a window by itself, as it can where there is no popup blocker.
   * Not by a locator: see `waitForDialog`.
   */
  async isPrompting(): Promise<boolean> {
    const isOpen = await this.run(() => document.querySelector('identity-worker-dialog') !== null);
    return isOpen || this.#windows.size > 0;
  }

  /** Sets the worker's clock forward, until it stops; the portal's stays. */
  async advanceWorkerClock(byMs: number): Promise<void> {
    const worker = this.page.context().serviceWorkers()[0];
    await worker?.evaluate((ms) => {
      const now = Date.now;
      Date.now = () => now() + ms;
    }, byMs);
  }

  /** Makes the time limits of the worker's requests so many times shorter, until it stops. */
  async shortenWorkerTimeLimits(by: number): Promise<void> {
    const worker = this.page.context().serviceWorkers()[0];
    await worker?.evaluate((factor) => {
      const timeout = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (ms) => timeout(ms / factor);
    }, by);
  }

  /** Stops the service worker; the next event starts a new one with an empty memory. */
  async stopWorker(): Promise<void> {
    await stopWorker(this.page);
  }

  /** Requests to the portal's token endpoint, by grant. */
  tokenRequests(grantType?: string): number {
    const filter = { path: /\/oauth2\/token\/?$/, ...(grantType === undefined ? {} : { grantType }) };
    return this.portal.log.count(filter);
  }

  /** No secret of the portal ever reached a console, and the worker met no fault but what a test did to it. */
  expectNothingLeaked(): void {
    const isExpected = (line: string): boolean => this.expectedFaults.some((text) => line.includes(text));
    const faults = this.consoleLines.filter((line) => line.startsWith('worker fault') && !isExpected(line));
    expect(faults).toEqual([]);
    expect(this.portal.log.leaks(this.consoleLines.join('\n'))).toEqual([]);
  }
}
