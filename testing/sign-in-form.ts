/** The sign-in page of the portal, as its user fills it in. */
import type { Page } from '@playwright/test';

/** Fills in the portal's own sign-in page, in whatever window it is shown. */
export async function fillInForm(
  window: Page,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  await window.getByLabel('Username').fill(username);
  await window.getByLabel('Password').fill(password);
  await window.getByRole('button', { name: 'Sign in' }).click();
}
