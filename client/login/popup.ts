/** The sign-in window: opened where people expect it, and watched without believing everything it says. */

const WIDTH = 520;
const HEIGHT = 700;

/** How often an open window is looked at, in ms. */
const WATCH_MS = 250;

/**
 * Opens the sign-in window, centred over this one. Call it in the user's click: browsers block it elsewhere.
 *
 * @param url - Where it goes; blank while the authorization URL is still being made.
 * @param name - A window of this name is used again; every challenge has one of its own.
 * @returns `null` when the browser blocked it.
 */
export function openPopup(url = '', name = '_blank'): Window | null {
  const left = Math.round(screenX + (outerWidth - WIDTH) / 2);
  const top = Math.round(screenY + (outerHeight - HEIGHT) / 2);
  return window.open(url, name, `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`);
}

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
    let wasSeenAway = false;
    const timer = setInterval(() => {
      if (!popup.closed) {
        wasSeenAway ||= isAway(popup);
        return;
      }
      stop();
      // The portal's page was seen through a living tie, and this page has the focus back: the window is really gone.
      resolve(wasSeenAway && document.hasFocus() ? 'closed' : 'unknown');
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
