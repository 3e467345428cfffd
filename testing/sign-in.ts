/** Signs a user in as users do: through the portal's own page, in a window or in the tab. */
import type { Page } from '@playwright/test';
import type { Portal } from '../demo/portal/index.js';
import { isOfPortal } from './leaks.js';
import { fillInForm } from './sign-in-form.js';

/**
 * @param username - One of the portal's users.
 * @param act - What opens the sign-in.
 * @throws Error for a user that the portal does not have, and where no sign-in page is shown.
 */
export async function signIn(
  portal: Portal,
  page: Page,
  username: string,
  act: () => Promise<unknown> = () => openByLibrary(page),
): Promise<void> {
  const user = portal.users.find((candidate) => candidate.username === username);
  if (!user)
    throw new Error(
      `The portal has no user "${username}". It has ${portal.users.map((each) => each.username).join(', ')}.`,
    );
  // With a session at the portal it would not ask who signs in.
  await page.context().clearCookies({ name: /^(?:esri_auth|idp_session)$/ });
  const window = await windowOf(portal, page, act);
  const isDone =
    window === page ? page.waitForURL((url) => !isOfPortal(portal, url.href)) : window.waitForEvent('close');
  await Promise.all([isDone, fillInForm(window, user)]);
}

/** What opens a sign-in has done so by then, or does not. In ms. */
const openTimeoutMs = 15_000;

/** The window that the act opens, or the tab itself where it is redirected. */
async function windowOf(portal: Portal, page: Page, act: () => Promise<unknown>): Promise<Page> {
  const options = { timeout: openTimeoutMs };
  const opened = page.waitForEvent('popup', options);
  const redirected = page.waitForURL((url) => isOfPortal(portal, url.href), options).then(() => page);
  // One of them happens, and the test may be over before the other gives up.
  for (const each of [opened, redirected]) each.catch(() => undefined);
  const acted = act();
  // The library's dialog may open its window by itself: a locator's look at the page counts as a click.
  acted.catch(() => undefined);
  try {
    return await Promise.any([opened, redirected]);
  } catch (cause) {
    await acted;
    throw new Error(
      'No sign-in page of the portal was shown. Give signIn what opens it, such as () => page.getByRole("button", { name: "Log in" }).click().',
      { cause },
    );
  }
}

const openByLibrary = (page: Page): Promise<void> =>
  page
    .locator('identity-worker-dialog, identity-account')
    .getByRole('button', { name: 'Sign in' })
    .first()
    .click();
