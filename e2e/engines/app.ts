/** The test app in a window of any engine: what its user does, and what its page sees. */
import { expect } from '@playwright/test';
import type { Portal } from '../../demo/portal/index.js';
import { fetchInPage, jsonOf, loadImageInPage, type Outcome } from '../support/in-page.js';
import { passwords, type User } from '../support/oauth-client.js';
import { EnginePage, type Driver } from './driver.js';

/** The button of the sign-in dialog that opens the window. */
export const DIALOG_BUTTON = '.main';
const DIALOG = 'dialog';

export class EngineApp {
  /** Lines of earlier tests in the same browser: some show what an undefended page gives away. */
  readonly #earlierLines: number;

  constructor(
    readonly page: EnginePage,
    readonly portal: Portal,
    readonly url: string,
  ) {
    this.#earlierLines = page.driver.consoleLines.length;
  }

  get driver(): Driver {
    return this.page.driver;
  }

  /** Opens the app and waits until its requests are signed. */
  async open(path = '/'): Promise<void> {
    await this.page.goto(this.url + path);
    await this.ready();
  }

  /** The same app in another window of the same browser. */
  async newTab(): Promise<EngineApp> {
    const page = new EnginePage(this.driver, await this.driver.openWindow());
    const tab = new EngineApp(page, this.portal, this.url);
    await tab.open();
    return tab;
  }

  async ready(): Promise<void> {
    await this.page.waitFor('the app has started', () => 'identity' in window);
    await this.page.run(() => window.identity.ready);
  }

  /** The URL of a hosted service's operation. */
  hosted(operation: string): string {
    return `${this.portal.hostedUrl}/${operation}`;
  }

  /** Fetches as page code does. */
  fetch(url: string, init?: RequestInit): Promise<Outcome> {
    return this.page.run(fetchInPage, [url, init] as [string, RequestInit?]);
  }

  /** Fetches and reads JSON; fails the test on an error. */
  async fetchJson(url: string, init?: RequestInit): Promise<Record<string, unknown>> {
    return jsonOf(await this.fetch(url, init));
  }

  /** Loads an image as page code does. @returns Its natural width; 0 when it failed. */
  loadImage(url: string, crossOrigin?: 'anonymous'): Promise<number> {
    return this.page.run(loadImageInPage, [url, crossOrigin] as [string, string?]);
  }

  /** Clicks the app's sign-in button. @returns The window that it opens. */
  openSignInWindow(): Promise<EnginePage> {
    return this.page.waitForPopup(() => this.page.click('#sign-in'));
  }

  /** Waits for the sign-in dialog, and clicks its button. @returns The window that it opens. */
  openWindowFromDialog(): Promise<EnginePage> {
    return this.page.waitForPopup(() => this.page.click(DIALOG_BUTTON));
  }

  isDialogOpen(): Promise<boolean> {
    return this.page.isVisible(DIALOG);
  }

  /** Waits for the sign-in dialog to go. */
  async waitForNoDialog(): Promise<void> {
    await expect.poll(() => this.isDialogOpen()).toBe(false);
  }

  /** Fills in the portal's own sign-in page; a sign-in window closes by itself. */
  async fillIn(popup: EnginePage, user: User): Promise<void> {
    await fillInForm(popup, user);
    await popup.waitForClose();
  }

  /** Signs in by the app's button and the portal's window. */
  async signIn(user: User): Promise<void> {
    await this.fillIn(await this.openSignInWindow(), user);
    await this.page.waitForText('#status', `signed in as ${user}`);
  }

  /** Names of the users who are signed in. */
  usernames(): Promise<(string | undefined)[]> {
    return this.page.run(() => window.identity.credentials.map(({ username }) => username));
  }

  /** Requests to the portal's token endpoint, by grant. */
  tokenRequests(grantType?: string): number {
    const filter = { path: /\/oauth2\/token\/?$/, ...(grantType === undefined ? {} : { grantType }) };
    return this.portal.log.count(filter);
  }

  /** No secret of the portal ever reached a console, and the worker met no fault. */
  expectNothingLeaked(): void {
    const lines = this.driver.consoleLines.slice(this.#earlierLines);
    expect(lines.filter((line) => line.includes('worker fault'))).toEqual([]);
    expect(this.portal.log.leaks(lines.join('\n'))).toEqual([]);
  }
}

/** Fills in the portal's own sign-in page, in whatever window it is shown. */
export async function fillInForm(page: EnginePage, user: User): Promise<void> {
  await page.fill('#username', user);
  await page.fill('#password', passwords[user]);
  await page.click('button.primary');
}
