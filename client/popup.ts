/** The window of a sign-in or sign-out: opened where users expect it. */
import type { LoginMode } from './login-mode.js';

/** A rectangle of the desktop, in CSS pixels; screens to the left of or above the main one have negative coordinates. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const WIDTH = 520;
const HEIGHT = 700;

/**
 * Centred over the opening window, whole on its screen, and no larger than that.
 *
 * @param opener - The opening window.
 * @param screen - The part of the opener's screen that windows may cover.
 */
export function placePopup(opener: Area, screen: Area): Area {
  const [width, left] = placeAlong(WIDTH, opener.left, opener.width, screen.left, screen.width);
  const [height, top] = placeAlong(HEIGHT, opener.top, opener.height, screen.top, screen.height);
  return { width, height, left, top };
}

/** Length and position along one axis. */
function placeAlong(
  wanted: number,
  openerStart: number,
  openerLength: number,
  screenStart: number,
  screenLength: number,
): [length: number, start: number] {
  const length = Math.min(wanted, screenLength);
  const centred = openerStart + (openerLength - length) / 2;
  return [length, Math.round(Math.min(Math.max(centred, screenStart), screenStart + screenLength - length))];
}

/** The part of this window's screen that windows may cover. Every browser has `availLeft` and `availTop`, no standard does. */
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
 * @param url - Address of the page; blank while the authorization URL is not known yet.
 * @param name - A window of this name is reused; every challenge has a name of its own.
 * @returns `null` when the browser blocked it.
 */
export function openPopup(url = '', name = '_blank'): Window | null {
  const area = placePopup(
    { left: screenX, top: screenY, width: outerWidth, height: outerHeight },
    availableScreen(),
  );
  const features = Object.entries(area).map((feature) => feature.join('='));
  return window.open(url, name, `popup,${features.join(',')}`);
}

/** Opens a blank window, where sign-ins use one and the browser lets it open: during the user's click. */
export const openPopupInClick = (login: LoginMode): Window | null =>
  login === 'popup' && navigator.userActivation?.isActive ? openPopup() : null;
