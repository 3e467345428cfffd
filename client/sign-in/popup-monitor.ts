/** Watches and closes the sign-in window, without believing everything it says. */

/** How often an open window is looked at, in ms. */
const WATCH_MS = 250;

/** Longest wait for a window to come home, in ms. */
const HOME_MS = 3_000;

/**
 * Watches a sign-in window until it is gone.
 *
 * @param signal - Ends the watch.
 * @returns `closed` when the person closed it, `unknown` when it may live on out of sight: a page with
 * Cross-Origin-Opener-Policy cuts the tie, and `closed` reads true from then on.
 * @see HTML standard, Cross-origin opener policies
 */
export function untilGone(popup: Window, signal: AbortSignal): Promise<'closed' | 'unknown'> {
  return new Promise((resolve) => {
    let looksAway = 0;
    const timer = setInterval(() => {
      if (!popup.closed) {
        if (isAway(popup)) looksAway += 1;
        return;
      }
      stop();
      // The portal's page was seen through a living tie, and this page has the focus back: the window is really gone.
      // Once is not enough: for a moment before it is cut, a tie looks the same.
      resolve(looksAway > 1 && document.hasFocus() ? 'closed' : 'unknown');
    }, WATCH_MS);
    const stop = (): void => clearInterval(timer);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Closes a window whose sign-in has ended. The worker may say so while the portal's answer is still on its way into the window, and
 * Chromium forgets a window that is told to close just as it changes from one process to another. At home it closes itself.
 */
export function closeAtHome(popup: Window): void {
  if (isAway(popup)) setTimeout(() => popup.close(), HOME_MS);
  else popup.close();
}

/** Whether the window shows another origin: reading its address is forbidden then. */
function isAway(popup: Window): boolean {
  try {
    void popup.location.href;
    return false;
  } catch {
    return true;
  }
}
