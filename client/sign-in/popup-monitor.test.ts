/** The sign-in window: whether it is closed, or only looks so. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { closeAtHome, untilGone } from './popup-monitor.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A window at this origin, or at the portal's, where its address cannot be read. */
class FakePopup {
  closed = false;
  isAway = false;

  get location(): { href: string } {
    if (this.isAway) throw new DOMException('cross-origin', 'SecurityError');
    return { href: 'about:blank' };
  }

  close(): void {
    this.closed = true;
  }

  get asWindow(): Window {
    return this as unknown as Window;
  }
}

const authorizationUrl =
  'https://gis.example.org/authorize?state=s1&redirect_uri=https%3A%2F%2Fapp.example%2Fback.html';

describe('untilGone', () => {
  function watch(hasFocus = true) {
    const popup = new FakePopup();
    const over = new AbortController();
    const gone = vi.fn();
    const focus = { isHere: hasFocus };
    void untilGone(popup.asWindow, authorizationUrl, over.signal, () => focus.isHere).then(gone);
    return { popup, over, gone, focus };
  }
  const tick = (times = 1): Promise<unknown> => vi.advanceTimersByTimeAsync(250 * times);

  test('a window that has shown the portal and leaves the focus to this page was closed', async () => {
    const { popup, gone } = watch();
    popup.isAway = true;
    await tick(2);
    popup.closed = true;
    await tick();
    expect(gone.mock.calls).toEqual([['closed']]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([
    ['in time', 4, 'closed'],
    ['too late', 5, 'unknown'],
  ])('a page that has the focus back %s after the window is gone', async (_, ticks, how) => {
    const { popup, gone, focus } = watch(false);
    popup.isAway = true;
    await tick(2);
    popup.closed = true;
    await tick(ticks);
    focus.isHere = true;
    await tick();
    expect(gone.mock.calls).toEqual([[how]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an open window is watched as long as it takes', async () => {
    const { popup, gone } = watch();
    popup.isAway = true;
    await tick(4 * 60 * 60);
    expect(gone).not.toHaveBeenCalled();
  });

  test.each([
    ['has shown nothing yet', 0, true],
    ['has shown the portal for a moment, before it was severed', 1, true],
    ['has shown the portal, while another window has the focus', 8, false],
  ])('a window that reads closed and %s may still be open', async (_, ticksAway, hasFocus) => {
    const { popup, gone } = watch(hasFocus);
    popup.isAway = true;
    await tick(ticksAway);
    popup.closed = true;
    await tick(5);
    expect(gone.mock.calls).toEqual([['unknown']]);
  });

  test('is told nothing once the watch is over', async () => {
    const { popup, over, gone } = watch();
    over.abort();
    popup.closed = true;
    await tick(10);
    expect(gone).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('closeAtHome', () => {
  test('closes a window of this origin at once', () => {
    const popup = new FakePopup();
    closeAtHome(popup.asWindow);
    expect(popup.closed).toBe(true);
  });

  test('gives a window that is still at the portal three seconds to close itself', async () => {
    const popup = new FakePopup();
    popup.isAway = true;
    closeAtHome(popup.asWindow);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(popup.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(popup.closed).toBe(true);
  });
});
