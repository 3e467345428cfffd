/** The sign-in window: opened where people expect it, and watched without believing everything it says. */

/** A rectangle of the desktop, in CSS pixels; screens to the left of or above the main one have negative coordinates. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const WIDTH = 520;
const HEIGHT = 700;

/** How often an open window is looked at, in ms. */
const WATCH_MS = 250;

/**
 * Centred over the opening window, whole on its screen, and no larger than that.
 *
 * @param opener - The opening window.
 * @param screen - What windows may cover of the screen that the opener is on.
 */
export function placePopup(opener: Area, screen: Area): Area {
  const width = Math.min(WIDTH, screen.width);
  const height = Math.min(HEIGHT, screen.height);
  const between = (value: number, least: number, most: number): number =>
    Math.round(Math.min(Math.max(value, least), most));
  return {
    left: between(opener.left + (opener.width - width) / 2, screen.left, screen.left + screen.width - width),
    top: between(opener.top + (opener.height - height) / 2, screen.top, screen.top + screen.height - height),
    width,
    height,
  };
}

/** What windows may cover of this window's screen. Where it begins (`availLeft`, `availTop`) is in every browser and in no standard. */
function availableScreen(): Area {
  const { availWidth, availHeight, availLeft, availTop } = screen as Screen & {
    availLeft?: number;
    availTop?: number;
  };
  return { left: availLeft ?? screenX, top: availTop ?? screenY, width: availWidth, height: availHeight };
}

/**
 * Opens the sign-in window, centred over this one. Call it in the user's click: browsers block it elsewhere.
 *
 * @param url - Where it goes; blank while the authorization URL is still being made.
 * @param name - A window of this name is used again; every challenge has one of its own.
 * @returns `null` when the browser blocked it.
 */
export function openPopup(url = '', name = '_blank'): Window | null {
  const { left, top, width, height } = placePopup(
    { left: screenX, top: screenY, width: outerWidth, height: outerHeight },
    availableScreen(),
  );
  return window.open(url, name, `popup,width=${width},height=${height},left=${left},top=${top}`);
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
