/** The demo as its visitors use it. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect as baseExpect, type Page } from '@playwright/test';
import { fillInForm, type User } from './oauth-client.js';
import { arePicturesWanted } from './pictures.js';

/** A map is drawn in software here, and its tiles by the portal in this process: a busy machine takes its time. */
export const expect = baseExpect.configure({ timeout: 60_000 });

/** A small window without transitions: the portal draws each tile on request, and the browser each frame of the map in software. */
export const smallWindow = arePicturesWanted
  ? ({ viewport: { width: 960, height: 600 }, deviceScaleFactor: 1 } as const)
  : ({ viewport: { width: 480, height: 640 }, deviceScaleFactor: 0.5 } as const);

export type { User };

export async function expectStates(page: Page, layers: readonly string[], state: string): Promise<void> {
  for (const layer of layers) await expect(page.locator(`#state-${layer}`)).toHaveText(state);
}

/** The window that the first secured request leads to: a test driver's look at the page counts as a click, so it may open at once. */
export async function firstSignInWindow(page: Page): Promise<Page> {
  const popup = page.waitForEvent('popup');
  const button = page.getByRole('dialog').getByRole('button', { name: 'Sign in' });
  const click = button.click().catch(() => undefined);
  const window = await popup;
  await Promise.race([click, window.waitForLoadState()]);
  return window;
}

export async function fillIn(popup: Page, user: User): Promise<void> {
  await Promise.all([popup.waitForEvent('close'), fillInForm(popup, user)]);
}

export async function signInByButton(page: Page): Promise<Page> {
  const button = page.getByRole('button', { name: 'Sign in' });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  return popup;
}

/** Opens the viewer for the first time and signs in. */
export async function visitAs(page: Page, url: string, user: User): Promise<void> {
  await page.goto(url);
  await fillIn(await firstSignInWindow(page), user);
  await expect(page.locator('#username')).toHaveText(user);
}

export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}
