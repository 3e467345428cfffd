/** Watches the sign-in window, whose `closed` cannot always be trusted, and closes it. */
import { isStranded } from '../page-mark.js';

/** Interval at which an open window is checked, in ms. */
const WATCH_MS = 250;

/**
 * How often this page's focus is looked at, once the window is gone: in Firefox and WebKit it comes back some time after `closed` reads
 * true.
 */
const FOCUS_LOOKS = 5;

/** How long a page may be there that takes no response, in ms: its scripts may be on their way. */
const STRANDED_MS = 3_000;

/** Longest wait for the window to come back to this origin, in ms. */
const HOME_MS = 3_000;

/**
 * Watches a sign-in window until it is gone.
 *
 * @param authorizationUrl - What was opened in it.
 * @param signal - Ends the watch.
 * @param hasFocus - Whether this page has the focus.
 * @returns `closed` when the user closed it, `unknown` when it may still be open: a page with Cross-Origin-Opener-Policy
 * severs it from its opener, and `closed` reads true from then on. `stranded`: a page is there that takes no response.
 * @see HTML standard, Cross-origin opener policies
 */
export function untilGone(
  popup: Window,
  authorizationUrl: string,
  signal: AbortSignal,
  hasFocus = () => document.hasFocus(),
): Promise<'closed' | 'unknown' | 'stranded'> {
  return new Promise((resolve) => {
    let looksAway = 0;
    let looksGone = 0;
    let strandedSince: number | undefined;
    const timer = setInterval(() => {
      if (!popup.closed) {
        if (isAway(popup)) looksAway += 1;
        // Timers of a page behind its window are slow: time counts, not how often.
        strandedSince = isStranded(popup, authorizationUrl) ? (strandedSince ?? Date.now()) : undefined;
        if (strandedSince === undefined || Date.now() - strandedSince < STRANDED_MS) return;
        stop();
        resolve('stranded');
        return;
      }
      looksGone += 1;
      // The window showed the portal's page while it was not severed, and this page has the focus back: it is closed.
      // Seen more than once, since a window looks the same for a moment before it is severed.
      const isClosed = looksAway > 1 && hasFocus();
      if (!isClosed && looksAway > 1 && looksGone < FOCUS_LOOKS) return;
      stop();
      resolve(isClosed ? 'closed' : 'unknown');
    }, WATCH_MS);
    const stop = (): void => clearInterval(timer);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Closes a window whose sign-in has ended. The worker may tell so while the window is still loading the callback page, and Chromium
 * ignores a close at the moment when a window changes its process. The callback page closes itself.
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
