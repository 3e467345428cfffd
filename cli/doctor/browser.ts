/** Opens the site in a browser, where Playwright is installed: only there it shows whether the worker starts. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserType, Page } from '@playwright/test';
import { about, type Finding } from './finding.js';

const packages = ['playwright', '@playwright/test', 'playwright-core'];

const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** For the page, and for its worker after that; in ms. */
const timeLimitMs = 20_000;
const workerLimitMs = 10_000;

/** @returns What the browser shows of page and worker. */
export async function checkInBrowser(url: URL): Promise<Finding[]> {
  const { skipped, fault } = about('Browser');
  const chromium = await loadChromium();
  if (!chromium)
    return [
      skipped(
        'Playwright is not installed here. With it the site is opened too: npm install --save-dev playwright.',
      ),
    ];
  let browser: Browser;
  try {
    browser = await launch(chromium);
  } catch {
    return [
      skipped('no Chromium starts. Install one: npx playwright install chromium, or set CHROMIUM_PATH.'),
    ];
  }
  try {
    return await look(await browser.newPage(), url);
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return [
      fault(`the page does not open: ${line}`, 'Open it in a browser of your own, and look at its console.'),
    ];
  } finally {
    await browser.close();
  }
}

async function loadChromium(): Promise<BrowserType | undefined> {
  for (const from of [pathToFileURL(join(process.cwd(), 'package.json')).href, import.meta.url])
    for (const name of packages) {
      try {
        const { href } = pathToFileURL(createRequire(from).resolve(name));
        const found = (await import(href)) as {
          chromium?: BrowserType;
          default?: { chromium?: BrowserType };
        };
        const chromium = found.chromium ?? found.default?.chromium;
        if (chromium) return chromium;
      } catch {
        // Not installed here; the next one may be.
      }
    }
  return undefined;
}

function launch(chromium: BrowserType): Promise<Browser> {
  const named = process.env['CHROMIUM_PATH'];
  const path =
    named === undefined || named === ''
      ? [chromium.executablePath(), ...usualPaths].find((each) => existsSync(each))
      : named;
  return chromium.launch({
    ...(path === undefined ? {} : { executablePath: path }),
    // The sandbox does not work for root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

/** What the browser says of a policy, a worker or the library. */
const telling = /Content Security Policy|service ?worker|ConfigurationError|identity/i;

async function look(page: Page, url: URL): Promise<Finding[]> {
  const { ok, fault, warning } = about('Browser');
  const lines: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') lines.push(message.text());
  });
  page.on('pageerror', (error) => lines.push(error.message));
  await page.goto(url.href, { timeout: timeLimitMs });
  const script = await page.evaluate(activeWorker, workerLimitMs);
  const told = [...new Set(lines.filter((line) => telling.test(line)))].map((line) =>
    warning(
      `its console says: ${line.split('\n', 1)[0]?.slice(0, 300)}`,
      'Look up errors of the library in docs/errors.md.',
    ),
  );
  return script === undefined
    ? [
        fault(
          `the page has started no worker within ${workerLimitMs / 1000} s.`,
          'See the other findings, and the console of a browser.',
        ),
        ...told,
      ]
    : [ok(`the worker ${new URL(script).pathname} runs.`), ...told];
}

/** Runs in the page. @returns Address of the worker that has become active, once there is one. */
async function activeWorker(limitMs: number): Promise<string | undefined> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const all = (await navigator.serviceWorker?.getRegistrations()) ?? [];
    const script = all.find(({ active }) => active?.state === 'activated')?.active?.scriptURL;
    if (script !== undefined || Date.now() > endMs) return script;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
