/** A browser with a profile of its own, which a test kills as a power cut does, and starts again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { chromiumArgs, findChromium } from '../../../scripts/chromium.js';

export class KillableBrowser {
  readonly #profile = mkdtempSync(join(tmpdir(), 'kill-browser-'));
  #process: ChildProcess | undefined;
  #browser: Browser | undefined;

  /** Starts it with the profile. @returns Its page. */
  async start(): Promise<Page> {
    const child = spawn(
      findChromium() ?? 'chromium',
      [
        ...chromiumArgs,
        '--headless',
        '--remote-debugging-port=0',
        `--user-data-dir=${this.#profile}`,
        '--disable-popup-blocking',
        'about:blank',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process = child;
    const address = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stderr.on('data', (data: Buffer) => {
        output += data.toString();
        const found = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('exit', () => reject(new Error(`The browser did not start: ${output.slice(-1000)}`)));
    });
    this.#browser = await chromium.connectOverCDP(address);
    const [context] = this.#browser.contexts();
    if (!context) throw new Error('The browser has no profile.');
    return context.pages()[0] ?? context.newPage();
  }

  /** Kills the process that this object started. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await this.#browser?.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
