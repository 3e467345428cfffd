/** The way back to a page: where it was, and where it was scrolled to. */
import type { ReturnTo } from '../../protocol/worker-api.js';

/** Longest wait for a page that grows as its data come, in ms. */
const GROW_MS = 10_000;

/** Where this page is. */
export const here = (): ReturnTo => ({ url: location.href, x: scrollX, y: scrollY });

/** Scrolls to a place as soon as the page is long enough for it; not against a person who scrolls already. */
export function restoreScroll({ url, x, y }: ReturnTo): void {
  // The empty fragment is ours: see Departures.
  if (location.href === `${url}#`) history.replaceState(history.state, '', url);
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
