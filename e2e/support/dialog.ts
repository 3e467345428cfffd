/** The sign-in dialog: its parts, and how a test comes to it. */
import type { Locator } from '@playwright/test';
import type { TestApp } from './fixtures.js';
import { countQuery } from './services.js';

export const dialogOf = (app: TestApp): Locator => app.page.getByRole('dialog');
export const mainButtonOf = (app: TestApp): Locator => app.page.locator('identity-worker-dialog .main');
export const alertOf = (app: TestApp): Locator => dialogOf(app).getByRole('alert');

/** Makes a request that needs a sign-in, and waits for the dialog. @returns Waits for the answer. */
export async function requestPrompt(app: TestApp): Promise<() => Promise<Record<string, unknown>>> {
  const answer = app.fetchJson(app.hosted(countQuery()));
  answer.catch(() => undefined);
  await app.waitForDialog();
  return () => answer;
}

/** From now on the browser opens no window for the page. */
export const forbidWindows = (app: TestApp): Promise<void> =>
  app.run(() => {
    Object.assign(window, { openAllowed: window.open.bind(window) });
    window.open = () => null;
  });
