/** What the browser does to a service worker that has nothing to do for half a minute, at once. */
import type { Page } from '@playwright/test';

/** Stops the service worker; the next event starts a new one with an empty memory. Chromium only. */
export async function stopWorker(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const stopped = new Promise<void>((resolve) => {
    cdp.on('ServiceWorker.workerVersionUpdated', ({ versions: all }) => {
      if (all.some(({ status, runningStatus }) => status === 'activated' && runningStatus === 'stopped'))
        resolve();
    });
  });
  await cdp.send('ServiceWorker.enable');
  await cdp.send('ServiceWorker.stopAllWorkers');
  await stopped;
  await cdp.detach();
}
