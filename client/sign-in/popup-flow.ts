/** Signs in by a window where the browser lets one open; by a dialog where it does not, or where something went wrong. */
import type { ErrorCode } from '../../protocol/errors.js';
import type { CodeRequired } from '../../protocol/messages.js';
import type { SignInDialog } from './dialog.js';
import type { FlowActions, SignInFlow } from './flow.js';
import { closeAtHome, untilGone } from './popup-monitor.js';
import { pastedCodeViews, popupViews, type View } from './views.js';

/** Opens the sign-in window; see ../popup.ts. */
export type OpenPopup = (url?: string, name?: string) => Window | null;

/** One window at a time, for one challenge after the other. */
export class PopupFlow implements SignInFlow {
  #popup: Window | null = null;
  /** Id of the challenge that the window was opened for. */
  #popupFor: string | undefined;
  #watch = new AbortController();

  /**
   * @param isOutOfBand - The sign-in page shows a code, which the user pastes into the dialog.
   */
  constructor(
    private readonly isOutOfBand: boolean,
    private readonly dialog: SignInDialog,
    private readonly actions: FlowActions,
    private readonly openPopup: OpenPopup,
  ) {}

  get isVisible(): boolean {
    return this.dialog.isVisible;
  }

  start(challenge: CodeRequired, opened: Window | null | undefined): void {
    if (opened) this.#adopt(challenge, opened);
    // A code that has to be pasted needs the dialog first.
    else this.#follow(challenge, this.isOutOfBand ? null : this.#open(challenge), this.#views.ask(challenge));
  }

  take(challenge: CodeRequired, opened: Window | null | undefined): void {
    if (!opened) return;
    if (this.#isAlive() && this.#popupFor === challenge.challengeId) {
      opened.close();
      this.#popup?.focus();
    } else this.#adopt(challenge, opened);
  }

  retry(challenge: CodeRequired, opened: Window | null | undefined): void {
    if (opened) this.take(challenge, opened);
    else this.#follow(challenge, null, this.#views.blocked(challenge));
  }

  reopen(challenge: CodeRequired): void {
    let popup = this.#popup;
    if (!popup || popup.closed) popup = this.#open(challenge);
    else if (this.#popupFor !== challenge.challengeId) popup.location.href = challenge.authorizationUrl;
    popup?.focus();
    this.#follow(challenge, popup, this.#views.blocked(challenge));
  }

  request(): void {
    const opened = this.openPopup();
    this.showWaiting();
    this.actions.request(opened);
  }

  showWaiting(): void {
    this.dialog.show(this.#views.waiting());
  }

  showChecking(): void {
    this.dialog.show(pastedCodeViews.checking());
  }

  showUnclear(): void {
    this.dialog.show(pastedCodeViews.unclear());
  }

  showRefusal(code: ErrorCode | undefined): void {
    this.dialog.show(pastedCodeViews.refusal(code));
  }

  showFailure(code: ErrorCode): void {
    this.#watch.abort();
    this.dialog.show(this.#views.failure(code));
    // The next code is made for the next authorization URL, which has to be there before the click.
    if (this.isOutOfBand) this.actions.request(null);
    else this.#closeAtHome();
  }

  close(by: 'user' | 'worker'): void {
    this.#watch.abort();
    this.dialog.close();
    // The page that shows a code does not close itself.
    if (by === 'user' || this.isOutOfBand) this.#popup?.close();
    else this.#closeAtHome();
  }

  get #views(): typeof popupViews {
    return this.isOutOfBand ? pastedCodeViews : popupViews;
  }

  /** Goes on with the window of a click. */
  #adopt(challenge: CodeRequired, opened: Window): void {
    this.#closeAtHome();
    opened.name = challenge.challengeId;
    opened.location.href = challenge.authorizationUrl;
    this.#follow(challenge, opened, this.#views.waiting());
  }

  #open({ authorizationUrl, challengeId }: CodeRequired): Window | null {
    return this.openPopup(authorizationUrl, challengeId);
  }

  /** Goes on with a window, or with the dialog. */
  #follow({ challengeId, authorizationUrl }: CodeRequired, popup: Window | null, withoutWindow: View): void {
    this.#watch.abort();
    this.#popup = popup;
    this.#popupFor = challengeId;
    if (!popup) this.dialog.show(withoutWindow);
    // While the window is open, it needs no dialog beside it.
    else if (this.isVisible || this.isOutOfBand) this.showWaiting();
    if (!popup || this.isOutOfBand) return;
    this.#watch = new AbortController();
    const { signal } = this.#watch;
    void untilGone(popup, authorizationUrl, signal).then(async (how) => {
      // The window also closes when the callback page has done its work: the worker knows.
      if (signal.aborted || !(await this.actions.isOpen()) || signal.aborted) return;
      if (how === 'stranded') this.actions.strand();
      else this.actions.send(how === 'closed' ? 'window-closed' : 'window-lost');
    });
  }

  #isAlive(): boolean {
    return this.#popup !== null && !this.#popup.closed;
  }

  #closeAtHome(): void {
    if (this.#popup && this.#isAlive()) closeAtHome(this.#popup);
    // It may stay open for a moment, and is not used again.
    this.#popup = null;
  }
}
