/** The flows: what they do to windows and dialog. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CodeRequired } from '../../protocol/messages.js';
import type { SignInDialog } from './dialog.js';
import { PopupFlow } from './popup-flow.js';
import { RedirectFlow } from './redirect-flow.js';
import type { View } from './views.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const url = (id: string): string => `https://gis.example.org/authorize?state=${id}`;
const challenge = (id: string, more: Partial<CodeRequired> = {}): CodeRequired => ({
  challengeId: id,
  portal: 'https://gis.example.org/portal',
  portalName: 'GIS',
  authorizationUrl: url(id),
  outOfBand: false,
  ...more,
});

class FakePopup {
  closed = false;
  name = '';
  location = { href: '' };
  focus = vi.fn();

  close(): void {
    this.closed = true;
  }

  get asWindow(): Window {
    return this as unknown as Window;
  }
}

function setUp({ isOutOfBand = false, isBlocked = false } = {}) {
  const views: View[] = [];
  const popups: FakePopup[] = [];
  const browser = { isBlocked };
  const dialog = {
    get isVisible() {
      return views.length > 0;
    },
    show: (view: View) => views.push(view),
    close: vi.fn(),
  };
  const actions = { send: vi.fn(), isOpen: vi.fn(async () => true), request: vi.fn(), strand: vi.fn() };
  const open = (address = '', name = '_blank'): Window | null => {
    if (browser.isBlocked) return null;
    const popup = Object.assign(new FakePopup(), { name, location: { href: address } });
    popups.push(popup);
    return popup.asWindow;
  };
  const flow = new PopupFlow(isOutOfBand, dialog as unknown as SignInDialog, actions, open);
  return { flow, views, popups, browser, dialog, actions };
}

const watched = (): Promise<unknown> => vi.advanceTimersByTimeAsync(250);

describe('a window', () => {
  test('opens by itself where the browser lets it, without a dialog', () => {
    const { flow, views, popups } = setUp();
    flow.start(challenge('c1'), undefined);
    expect(popups).toMatchObject([{ name: 'c1', location: { href: url('c1') } }]);
    expect(views).toEqual([]);
  });

  test.each([
    ['signed-out', 'ask'],
    ['expired', 'expired'],
  ] as const)('that is blocked is asked for: %s', (reason, text) => {
    const { flow, views } = setUp({ isBlocked: true });
    flow.start(challenge('c1', { reason }), null);
    expect(views).toEqual([{ text, main: 'open', open: 'signIn' }]);
  });

  test('of a click is taken to the sign-in page', () => {
    const { flow, views, popups } = setUp();
    const opened = new FakePopup();
    flow.start(challenge('c1'), opened.asWindow);
    expect(opened).toMatchObject({ name: 'c1', location: { href: url('c1') }, closed: false });
    expect(popups).toEqual([]);
    expect(views).toEqual([]);
  });

  test('of a second click is not needed while the first is open', () => {
    const { flow, popups } = setUp();
    flow.start(challenge('c1'), undefined);
    const opened = new FakePopup();
    flow.take(challenge('c1'), opened.asWindow);
    expect(opened.closed).toBe(true);
    expect(popups[0]?.focus).toHaveBeenCalledTimes(1);
  });

  test('of a second click takes over from one that is closed, or of another challenge', () => {
    const { flow, popups } = setUp();
    flow.start(challenge('c1'), undefined);
    const [second, third] = [new FakePopup(), new FakePopup()];
    flow.take(challenge('c2'), second.asWindow);
    expect(popups[0]?.closed).toBe(true);
    second.close();
    flow.take(challenge('c2'), third.asWindow);
    expect(third).toMatchObject({ name: 'c2', location: { href: url('c2') }, closed: false });
  });

  test('that the browser blocks is offered as a link', () => {
    const { flow, views } = setUp({ isBlocked: true });
    flow.start(challenge('c1'), undefined);
    flow.reopen(challenge('c1'));
    expect(views.at(-1)).toEqual({ alert: 'blocked', main: 'link', open: 'signInAgain', link: url('c1') });
  });

  test('that is open already comes to the front', () => {
    const { flow, popups, views } = setUp();
    flow.start(challenge('c1'), undefined);
    flow.reopen(challenge('c1'));
    expect(popups).toHaveLength(1);
    expect(popups[0]?.focus).toHaveBeenCalledTimes(1);
    expect(views).toEqual([]);
  });

  test('that has been closed opens again', () => {
    const { flow, popups } = setUp();
    flow.start(challenge('c1'), undefined);
    popups[0]?.close();
    flow.reopen(challenge('c1'));
    expect(popups).toHaveLength(2);
  });

  test('that is gone while its challenge is open is reported', async () => {
    const { flow, popups, actions } = setUp();
    flow.start(challenge('c1'), undefined);
    popups[0]?.close();
    await watched();
    expect(actions.send.mock.calls).toEqual([['window-lost']]);
  });

  test('that goes with the end of its challenge is not reported', async () => {
    const { flow, popups, actions } = setUp();
    flow.start(challenge('c1'), undefined);
    actions.isOpen.mockResolvedValue(false);
    popups[0]?.close();
    await watched();
    expect(actions.send).not.toHaveBeenCalled();
  });

  test('that goes after the end is not watched any more', async () => {
    const { flow, popups, actions } = setUp();
    flow.start(challenge('c1'), undefined);
    flow.close('worker');
    expect(popups[0]?.closed).toBe(true);
    await watched();
    expect(actions.isOpen).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('after a failure', () => {
  test('the window closes and the dialog tells why', () => {
    const { flow, popups, views, actions } = setUp();
    flow.start(challenge('c1'), undefined);
    flow.showFailure('portal-unreachable');
    expect(popups[0]?.closed).toBe(true);
    expect(views).toEqual([{ alert: 'unreachable', main: 'open', open: 'signInAgain' }]);
    expect(actions.request).not.toHaveBeenCalled();
  });

  test('a click opens a blank window, which goes on with the next challenge', () => {
    const { flow, popups, views, actions } = setUp();
    flow.start(challenge('c1'), undefined);
    flow.showFailure('access-denied');
    flow.request();
    expect(popups[1]).toMatchObject({ name: '_blank', location: { href: '' } });
    expect(actions.request).toHaveBeenCalledWith(popups[1]);
    flow.retry(challenge('c2'), popups[1]?.asWindow);
    expect(popups[1]).toMatchObject({ name: 'c2', location: { href: url('c2') } });
    expect(views.at(-1)).toMatchObject({ text: 'waiting' });
  });

  test('a click whose window is blocked offers a link', () => {
    const { flow, views, browser } = setUp();
    flow.start(challenge('c1'), undefined);
    flow.showFailure('access-denied');
    browser.isBlocked = true;
    flow.request();
    flow.retry(challenge('c2'), null);
    expect(views.at(-1)).toMatchObject({ alert: 'blocked', link: url('c2') });
  });
});

describe('out of band', () => {
  const outOfBand = (id: string): CodeRequired => challenge(id, { outOfBand: true });

  test('the dialog comes first, and stays beside the window, which is not watched', async () => {
    const { flow, popups, views, actions } = setUp({ isOutOfBand: true });
    flow.start(outOfBand('c1'), undefined);
    expect(popups).toEqual([]);
    expect(views).toEqual([{ text: 'outOfBand', main: 'open', open: 'signIn', field: 'kept' }]);
    flow.reopen(outOfBand('c1'));
    expect(popups).toHaveLength(1);
    expect(views.at(-1)).toMatchObject({ main: 'code', field: 'kept' });
    popups[0]?.close();
    await watched();
    expect(actions.isOpen).not.toHaveBeenCalled();
  });

  test('after a failure the next challenge is there before the click, and the window shows it', () => {
    const { flow, popups, views, actions } = setUp({ isOutOfBand: true });
    flow.start(outOfBand('c1'), undefined);
    flow.reopen(outOfBand('c1'));
    flow.showFailure('code-refused');
    expect(views.at(-1)).toEqual({
      text: 'outOfBand',
      alert: 'codeRefused',
      main: 'open',
      open: 'signInAgain',
      field: 'empty',
    });
    expect(actions.request).toHaveBeenCalledWith(null);
    expect(popups[0]?.closed).toBe(false);
    flow.take(outOfBand('c2'), null);
    expect(popups[0]?.location.href).toBe(url('c1'));
    flow.reopen(outOfBand('c2'));
    expect(popups[0]?.location.href).toBe(url('c2'));
  });

  test('shows what becomes of a code', () => {
    const { flow, views } = setUp({ isOutOfBand: true });
    flow.showChecking();
    flow.showUnclear();
    flow.showRefusal('code-refused');
    flow.showRefusal('portal-unreachable');
    expect(views.map(({ text, alert, field }) => [text, alert, field])).toEqual([
      ['checking', undefined, 'busy'],
      ['outOfBand', 'codeUnclear', 'kept'],
      ['outOfBand', 'codeRefused', 'kept'],
      ['outOfBand', 'unreachable', 'kept'],
    ]);
  });

  test('the window closes with the end', () => {
    const { flow, popups, dialog } = setUp({ isOutOfBand: true });
    flow.start(outOfBand('c1'), undefined);
    flow.reopen(outOfBand('c1'));
    flow.close('worker');
    expect(popups[0]?.closed).toBe(true);
    expect(dialog.close).toHaveBeenCalledTimes(1);
  });
});

describe('in place of the page', () => {
  function redirect() {
    const { views, dialog, actions } = setUp();
    const left: string[] = [];
    const save = vi.fn<(challenge: CodeRequired) => Promise<unknown>>(async () => null);
    const flow = new RedirectFlow(dialog as unknown as SignInDialog, actions, {
      save,
      leave: (address) => left.push(address),
    });
    return { flow, views, actions, left, save };
  }

  test('asks before it leaves a page by itself', async () => {
    const { flow, views, left } = redirect();
    flow.start(challenge('c1'), undefined);
    await watched();
    expect(views).toEqual([{ text: 'askLeave', main: 'open', open: 'signIn' }]);
    expect(left).toEqual([]);
  });

  test('leaves at once where the app has called signIn, and the place is saved', async () => {
    const { flow, views, left, save } = redirect();
    flow.start(challenge('c1'), null);
    expect(left).toEqual([]);
    await watched();
    expect(save).toHaveBeenCalledWith(challenge('c1'));
    expect(left).toEqual([url('c1')]);
    expect(views).toEqual([]);
  });

  test('does not leave after the end', async () => {
    const { flow, left } = redirect();
    flow.start(challenge('c1'), null);
    flow.close();
    await watched();
    expect(left).toEqual([]);
  });

  test('a place that cannot be saved is a failure, and the next click leaves', async () => {
    const { flow, actions, left, save, views } = redirect();
    save.mockRejectedValueOnce(new Error('x'));
    flow.reopen(challenge('c1'));
    await watched();
    expect(actions.send.mock.calls).toEqual([['failed']]);
    expect(left).toEqual([]);
    flow.showFailure('sign-in-interrupted');
    expect(views.at(-1)).toEqual({ alert: 'interrupted', main: 'open', open: 'signInAgain' });
    flow.request();
    expect(actions.request).toHaveBeenCalledWith(null);
    flow.retry(challenge('c1'), null);
    await watched();
    expect(left).toEqual([url('c1')]);
  });

  test('needs no window of a click', () => {
    const { flow } = redirect();
    const opened = new FakePopup();
    flow.take(challenge('c1'), opened.asWindow);
    expect(opened.closed).toBe(true);
  });
});
