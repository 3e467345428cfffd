/** A browser with a profile of its own, which a test kills as a power cut does, and starts again. */
import { chromium, type Browser, type Page } from '@playwright/test';
import { chromiumArgs, findHeadlessShell } from '../../../scripts/chromium.js';
import { newFolder, Process } from '../../engines/drivers/process.js';

export class KillableBrowser {
  readonly #profile = newFolder();
  #process: Process | undefined;
  #browser: Browser | undefined;

  /** Starts it with the profile. @returns Its page. */
  async start(): Promise<Page> {
    this.#process = new Process(findHeadlessShell() ?? 'chromium', [
      ...chromiumArgs,
      '--headless',
      '--remote-debugging-port=0',
      `--user-data-dir=${this.#profile}`,
      'about:blank',
    ]);
    const [, address = ''] = await this.#process.waitFor(/DevTools listening on (ws:\S+)/);
    this.#browser = await chromium.connectOverCDP(address);
    const [context] = this.#browser.contexts();
    if (!context) throw new Error('The browser has no profile.');
    return context.pages()[0] ?? context.newPage();
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
    await this.#browser?.close().catch(() => undefined);
  }
}
