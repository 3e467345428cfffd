/** Watches the sign-in window, without believing everything it says. */

/** How often an open window is looked at, in ms. */
const WATCH_MS = 250;

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

/** Whether the window shows another origin: reading its address is forbidden then. */
function isAway(popup: Window): boolean {
  try {
    void popup.location.href;
    return false;
  } catch {
    return true;
  }
}
