/** The demo without a network: what is saved is there after a restart of the browser, and a note is sent later. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, test, type BrowserContext, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo/start.js';
import {
  expect,
  expectAccessible,
  expectStates,
  fillIn,
  signInByButton,
  smallWindow,
  visitAs,
} from '../support/demo-visitor.js';

test.describe.configure({ timeout: 240_000 });

const layers = ['places', 'notes', 'sites', 'countries', 'terrain', 'basemap'];

let demo: Demo;
test.beforeAll(async () => {
  demo = await startDemo();
});
test.afterAll(() => demo.close());

const savedNames = (page: Page): Promise<string[]> => page.locator('#areas strong').allInnerTexts();
const waitingNotes = (page: Page) => page.locator('#notes li');

test('a saved view and a note outlive the network and the browser, for their user only', async ({
  launchOptions,
}) => {
  const profile = mkdtempSync(join(tmpdir(), 'identity-worker-demo-'));
  const start = async (): Promise<[BrowserContext, Page]> => {
    const started = await chromium.launchPersistentContext(profile, {
      ...launchOptions,
      ...smallWindow,
      reducedMotion: 'reduce',
    });
    return [started, await started.newPage()];
  };
  let [context, page] = await start();
  try {
    await visitAs(page, demo.app.url, 'ana');
    await expectStates(page, layers, 'Loaded');
    await page.getByLabel('Name of this view').fill('Two seas');
    await page.getByRole('button', { name: 'Save this view' }).click();
    await expect(page.locator('#offer-text')).toContainText(/^\d+ answers, about .* The browser leaves /);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.locator('#areas-total')).toHaveText(/^Saved for ana: 1 view, [\d.]+ MB$/);
    await expectAccessible(page);
    await context.close();

    [context, page] = await start();
    await page.goto(demo.app.url);
    await expectStates(page, layers, 'Loaded');
    await context.setOffline(true);
    await page.reload();
    demo.portal.log.clear();
    await expect(page.locator('#username')).toHaveText('ana');
    await expect(page.locator('#connection')).toHaveText('No network');
    await expectStates(page, ['notes', 'sites', 'countries'], 'Loaded');
    expect(await savedNames(page)).toEqual(['Two seas']);
    await page.getByLabel('Text of the note').fill('The bridge is closed.');
    await page.getByRole('button', { name: 'Add' }).click();
    await expect(waitingNotes(page)).toContainText(['Waits for the network']);
    await expectAccessible(page);
    await expect(page.getByRole('dialog')).toHaveCount(0);
    expect(demo.portal.log.entries).toEqual([]);

    await context.setOffline(false);
    await expect(waitingNotes(page)).toHaveCount(0);
    await expectStates(page, layers, 'Loaded');
    const sent = demo.portal.log.requests({ path: /applyEdits$/ });
    expect(sent.map(({ user }) => user)).toEqual(['ana']);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.locator('#areas-total')).toHaveText('Sign in to save views. Signing out removes them.');
    demo.portal.control.endSessions();
    await fillIn(await signInByButton(page), 'ben');
    await expect(page.locator('#areas-total')).toHaveText('Nothing is saved for ben.');
    expect(await page.evaluate(() => caches.keys())).not.toContainEqual(expect.stringContaining(':area:'));
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
