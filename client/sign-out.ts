/** Signs out; where the app wants it, of the portal too: in a window, or in place of the page, which is then restored. */
import type { LoginMode } from './login-mode.js';
import { checkOptions, type SignOutOptions } from './options.js';
import type { PageHost } from './page-host.js';
import { openPopupInClick } from './popup.js';

/** Of this tab: where the callback page goes when the portal has ended its session. */
const SIGNED_OUT = 'identity-worker:signed-out';

/** See `IdentityManager.signOut`. */
export async function signOut(
  options: SignOutOptions,
  { connection, login, identity, readState }: PageHost,
): Promise<void> {
  const { portal, portalSession } = checkOptions(options);
  // Before anything is awaited: browsers let a window open only during the click.
  const opened = portalSession ? openWindow(login) : null;
  try {
    await identity.ready;
    try {
      await connection.call('signOut', portal);
    } finally {
      // The worker's message may come after its answer.
      await readState().catch(() => undefined);
    }
    if (!portalSession) return;
    const url = await connection.call('signOutUrl', portal);
    if (opened) opened.location.href = url;
    else {
      remember(location.href);
      location.assign(url);
    }
  } catch (error) {
    opened?.close();
    throw error;
  }
}

function openWindow(login: LoginMode): Window | null {
  // The window starts with a copy of this tab's session storage.
  remember('close');
  const opened = openPopupInClick(login);
  takeRemembered();
  return opened;
}

/** Continues on the callback page after the portal has ended its session. @returns Whether that was so. */
export function returnFromSignOut(): boolean {
  const next = takeRemembered();
  if (next === undefined) return false;
  if (next === 'close') window.close();
  // Pages of this tab alone write there; still, another origin is never navigated to.
  else if (URL.canParse(next) && new URL(next).origin === location.origin) location.replace(next);
  return true;
}

function remember(next: string): void {
  try {
    sessionStorage.setItem(SIGNED_OUT, next);
  } catch {
    // Without storage the user closes the window, or goes back.
  }
}

function takeRemembered(): string | undefined {
  try {
    const next = sessionStorage.getItem(SIGNED_OUT) ?? undefined;
    sessionStorage.removeItem(SIGNED_OUT);
    return next;
  } catch {
    return undefined;
  }
}
