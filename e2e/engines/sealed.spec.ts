/** The key of a sealed worker: hostile script of the page reads it in no engine. */
import { attempts, keysIn, successful } from '../support/script-attempts.js';
import { startSealedSite, type SiteOptions } from '../support/sealed-site.js';
import { registeredWith } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import type { Certificate } from '../../demo/portal/index.js';
import { startDemo } from '../../demo/start.js';
import { startSecureFront } from './https.js';
import { DIALOG_BUTTON } from './app.js';
import { EnginePage, expect, fillInForm, test } from './fixtures.js';
import type { Driver } from './driver.js';

/** Registers the sealed worker of a site of its own, and tries everything. @returns The ways that got the key. */
async function waysToTheKey(
  driver: Driver,
  certificate: Certificate,
  options: SiteOptions,
): Promise<string[]> {
  const site = await startSealedSite(options);
  const front = driver.needsHttps
    ? await startSecureFront(Number(new URL(site.url).port), certificate)
    : undefined;
  const page = new EnginePage(driver, await driver.openWindow());
  try {
    await page.goto(front?.url ?? site.url);
    await page.run(async () => {
      await navigator.serviceWorker.register('/worker.js');
      await navigator.serviceWorker.ready;
    });
    const [key = ''] = keysIn(site.sealed[0]);
    expect(key).not.toBe('');
    return successful(await page.run(attempts), key);
  } finally {
    await page.close();
    await front?.close();
    await site.close();
  }
}

test.setTimeout(120_000);

test('sealed: page script gets the worker’s script in no way', async ({ driver, certificate }) => {
  expect(await waysToTheKey(driver, certificate, {})).toEqual([]);
});

test('sealed, control: without a demand on the request page script gets it', async ({
  driver,
  certificate,
}) => {
  const ways = await waysToTheKey(driver, certificate, { mistake: 'unguarded' });
  expect(ways).toEqual(expect.arrayContaining(['fetch default', 'XMLHttpRequest plain', 'iframe']));
});

test.describe('sealed app', () => {
  test.use({ isSealed: true, identityConfig: registeredWith({ persistence: 'sealed', callback: 'worker' }) });

  test('sealed: sign-in, and signed requests after a reload', { tag: '@smoke' }, async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
    await app.page.reload();
    await app.ready();
    expect(await app.usernames()).toEqual(['ana']);
    expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
  });
});

test('the demo by https: a user signs in', async ({ driver, certificate }) => {
  const demo = await startDemo(driver.needsHttps ? { tls: certificate } : {});
  const page = new EnginePage(driver, await driver.openWindow());
  try {
    await page.goto(demo.app.url);
    const popup = await page.waitForPopup(() => page.click(DIALOG_BUTTON));
    await fillInForm(popup, 'ana');
    await page.waitForText('#username', 'ana');
  } finally {
    await page.close();
    await demo.close();
  }
});
