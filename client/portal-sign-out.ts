/** The way back from the page where a portal ends its own session. */

/** Of this tab: what the callback page is to do when the portal has ended its session. */
const SIGNED_OUT = 'identity-worker:signed-out';

/** @param then - Where to go afterwards; `close` for a window of its own. */
export function expectSignOut(then: string): void {
  try {
    sessionStorage.setItem(SIGNED_OUT, then);
  } catch {
    // Without storage the person closes the window, or goes back, by hand.
  }
}

/** Forgets what a window that was opened meanwhile has a copy of. */
export function forgetSignOut(): string | undefined {
  try {
    const then = sessionStorage.getItem(SIGNED_OUT) ?? undefined;
    sessionStorage.removeItem(SIGNED_OUT);
    return then;
  } catch {
    return undefined;
  }
}

/** The callback page after the portal has ended its session. @returns Whether that was so. */
export function comeFromSignOut(): boolean {
  const then = forgetSignOut();
  if (then === undefined) return false;
  if (then === 'close') window.close();
  // Only pages of this tab write there; a page of another origin is never gone to.
  else if (URL.canParse(then) && new URL(then).origin === location.origin) location.replace(then);
  return true;
}
