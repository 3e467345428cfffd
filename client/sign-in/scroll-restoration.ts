/** Restores a page that a sign-in took the place of: its URL, and its scroll position. */
import { OWN_FRAGMENT } from '../../protocol/callback-outcome.js';
import type { ReturnTo } from '../../protocol/worker-api.js';

/** Longest wait for a page that grows while its data load, in ms. */
const GROW_MS = 10_000;

/** Where this page is. */
export const here = (): ReturnTo => ({ url: location.href, x: scrollX, y: scrollY });

/** Scrolls to a place as soon as the page is long enough for it, unless the user scrolls first. */
export function restoreScroll({ url, x, y }: ReturnTo): void {
  // The worker has added the fragment.
  if (location.href === `${url}#` || location.href === url + OWN_FRAGMENT)
    history.replaceState(history.state, '', url);
  if (x === 0 && y === 0) return;
  const over = new AbortController();
  const { signal } = over;
  const timer = setTimeout(() => over.abort(), GROW_MS);
  signal.addEventListener('abort', () => clearTimeout(timer));
  for (const type of ['wheel', 'touchstart', 'pointerdown', 'keydown'])
    addEventListener(type, () => over.abort(), { passive: true, signal });
  const scroll = (): void => {
    if (signal.aborted) return;
    scrollTo({ left: x, top: y, behavior: 'instant' });
    // Half a pixel is lost on some screens.
    if (Math.abs(scrollX - x) < 1 && Math.abs(scrollY - y) < 1) over.abort();
  };
  const growth = new ResizeObserver(scroll);
  growth.observe(document.documentElement);
  signal.addEventListener('abort', () => growth.disconnect());
  scroll();
}
