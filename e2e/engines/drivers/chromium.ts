/** Chromium, by Playwright and the DevTools protocol. */
import { chromium, type BrowserContext, type CDPSession, type Page } from '@playwright/test';
import { chromiumArgs, findChromium } from '../../../scripts/chromium.js';
import type { Driver, LaunchOptions, WindowId } from '../driver.js';
import { newFolder } from './process.js';

export async function launchChromium({ isPrivate = false }: LaunchOptions): Promise<Driver> {
  const consoleLines: string[] = [];
  const executablePath = findChromium();
  const options = {
    headless: true,
    args: chromiumArgs,
    ...(executablePath === undefined ? {} : { executablePath }),
    // Otherwise every window opens, with or without a click.
    ignoreDefaultArgs: ['--disable-popup-blocking'],
  };
  const profile = newFolder();
  const start = async (): Promise<BrowserContext> => {
    // A context beside the profile is what a private window is in Chromium.
    const context = isPrivate
      ? await (await chromium.launch(options)).newContext()
      : await chromium.launchPersistentContext(profile, options);
    context.on('console', (message) => consoleLines.push(message.text()));
    context.on('weberror', (error) => consoleLines.push(String(error.error())));
    return context;
  };
  let context = await start();

  const ids = new WeakMap<Page, WindowId>();
  const sessions = new WeakMap<Page, Promise<CDPSession>>();
  let count = 0;
  const idOf = (page: Page): WindowId => {
    const id = ids.get(page) ?? `window ${++count}`;
    ids.set(page, id);
    return id;
  };
  const pageOf = (window: WindowId): Page => {
    const found = context.pages().find((page) => idOf(page) === window);
    if (!found) throw new Error(`${window} is closed.`);
    return found;
  };
  const sessionOf = (page: Page): Promise<CDPSession> => {
    const session = sessions.get(page) ?? context.newCDPSession(page);
    sessions.set(page, session);
    return session;
  };
  const close = async (): Promise<void> => {
    const browser = context.browser();
    await context.close();
    await browser?.close();
  };

  return {
    engine: 'chromium',
    version: context.browser()?.version() ?? '',
    consoleLines,
    needsHttps: false,
    // A browser ends with its last window: the first one of a profile stays, and tests do not see it.
    windows: () =>
      Promise.resolve(
        context
          .pages()
          .slice(isPrivate ? 0 : 1)
          .map(idOf),
      ),
    openWindow: async () => idOf(await context.newPage()),
    closeWindow: (window) => pageOf(window).close(),
    navigate: async (window, url) => void (await pageOf(window).goto(url)),
    evaluate: async (window, expression) => {
      const session = await sessionOf(pageOf(window));
      const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
        userGesture: false,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value as unknown;
    },
    clickAt: (window, x, y) => pageOf(window).mouse.click(x, y),
    close,
    stopWorkers: async (window) => {
      const session = await context.newCDPSession(pageOf(window));
      const stopped = new Promise<void>((resolve) => {
        session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
          if (versions.some((version) => version.runningStatus === 'stopped')) resolve();
        });
      });
      await session.send('ServiceWorker.enable');
      await session.send('ServiceWorker.stopAllWorkers');
      await stopped;
      await session.detach();
    },
    setOffline: (isOffline) => context.setOffline(isOffline),
    restart: async () => {
      await close();
      context = await start();
    },
  };
}
