/** The default sign-in to one portal: a window where the browser lets one open, a dialog where it does not or where something went wrong. */
import type { IdentityError } from '../../protocol/errors.js';
import type { CodeRequired } from '../../protocol/messages.js';
import { openPopup } from '../popup.js';
import type { View } from './dialog-element.js';
import type { Wording } from './languages.js';
import { pastedCode } from './pasted-code.js';
import { SignInDialog } from './dialog.js';
import { failureText, type SignInTexts } from './texts.js';
import { closeAtHome, untilGone } from './popup-monitor.js';

/** What a login may do with the sign-in it serves. */
export interface FlowActions {
  /** Hands over a code; rejects when the portal did not take it. */
  submitCode: (challenge: CodeRequired, code: string) => Promise<void>;
  /** The person gave up. */
  cancel: () => void;
  /** Whether the challenge is still open, by the worker's word; if it has ended, that is dealt with. Never rejects. */
  isOpen: (reason?: IdentityError) => Promise<boolean>;
  /** Begins the next challenge: `begin` is called with it and the window. Rejects where there is none to be had. */
  again: (opened: Window | null) => Promise<void>;
}

/** Lives through one challenge or several, until the person is signed in or gives up. */
export class PopupFlow {
  #challenge: CodeRequired | undefined;
  #isOutOfBand = false;
  readonly #dialog: SignInDialog;
  #popup: Window | null = null;
  #watch = new AbortController();
  /** A challenge goes on; one has failed, and the person reads why; they have clicked to try again; all is over. */
  #phase: 'running' | 'failed' | 'retrying' | 'over' = 'running';

  constructor(
    portalName: string,
    wording: () => Promise<Wording>,
    private readonly actions: FlowActions,
  ) {
    this.#dialog = new SignInDialog(portalName, wording, {
      open: () => this.#clickOpen(),
      // The browser opens the link after this.
      followLink: () => void setTimeout(() => this.#dialog.show(this.#openView())),
      cancel: actions.cancel,
      submitCode: (pasted) => void this.#submit(pasted),
    });
  }

  /**
   * Starts on a challenge: the first one, or the one after a failure.
   *
   * @param opened - A window that was opened in the user's click, still blank; `null` where the browser opened none.
   * Left out where the worker asks by itself.
   */
  begin(challenge: CodeRequired, opened?: Window | null): void {
    const isFirst = !this.#challenge && this.#phase === 'running';
    this.#challenge = challenge;
    this.#isOutOfBand = challenge.outOfBand;
    if (opened || this.#phase === 'retrying') this.takeWindow(opened);
    // After a failure the person reads what went wrong, and goes on by the button.
    else if (isFirst) this.#follow(this.#isOutOfBand ? null : this.#openWindow(), 'ask');
  }

  /** A click that was made for this challenge, here or in the app: its window takes the sign-in over. */
  takeWindow(opened: Window | null | undefined): void {
    if (!this.#challenge || opened === undefined) return;
    const phase = this.#phase;
    if (!opened) {
      if (phase !== 'retrying') return;
      this.#phase = 'running';
      this.#follow(null, 'blocked');
      return;
    }
    this.#phase = 'running';
    if (phase === 'running' && this.#isWindowAlive()) {
      opened.close();
      this.#popup?.focus();
      return;
    }
    this.#closeWindow();
    opened.name = this.#challenge.challengeId;
    opened.location.href = this.#challenge.authorizationUrl;
    this.#follow(opened, 'ask');
  }

  /**
   * The challenge has failed: says why, and offers to try again.
   *
   * @param isTold - Somebody else tells the person: then nothing is shown that is not there already.
   * @returns Whether the sign-in goes on.
   */
  fail(reason: IdentityError, isTold: boolean): boolean {
    if (this.#phase === 'over' || (isTold && !this.#dialog.view)) return false;
    this.#watch.abort();
    this.#challenge = undefined;
    this.#phase = 'failed';
    if (this.#isOutOfBand) {
      this.#dialog.show({
        ...this.#codeView('open', this.#refusal(reason)),
        field: 'empty',
        open: 'signInAgain',
      });
      // The code of the next attempt is made for the next authorization URL: it has to be there before the click.
      this.actions.again(null).catch(() => undefined);
    } else {
      this.#closeWindow();
      this.#dialog.show({ alert: failureText(reason.code), main: 'open', open: 'signInAgain' });
    }
    return true;
  }

  /**
   * The sign-in is over, here or elsewhere.
   *
   * @param by - Who has ended it. A person who gives up wants no window any more.
   */
  close(by: 'person' | 'worker' = 'worker'): void {
    this.#phase = 'over';
    this.#watch.abort();
    this.#dialog.close();
    // Out of band nothing is on its way, and nothing else closes the portal's page.
    if (by === 'person' || this.#isOutOfBand) this.#popup?.close();
    else this.#closeWindow();
  }

  /** The button: shows the window that is there, opens one, or begins anew after a failure. */
  #clickOpen(): void {
    if (!this.#challenge) {
      const opened = openPopup();
      this.#phase = 'retrying';
      this.#dialog.show(this.#openView());
      this.actions.again(opened).catch((error: IdentityError) => {
        opened?.close();
        if (this.#phase === 'retrying') this.fail(error, false);
      });
      return;
    }
    const isOld = this.#phase === 'failed';
    this.#phase = 'running';
    if (!this.#isWindowAlive()) {
      this.#follow(this.#openWindow(), 'blocked');
      return;
    }
    if (isOld && this.#popup) this.#popup.location.href = this.#challenge.authorizationUrl;
    this.#popup?.focus();
    this.#follow(this.#popup, 'blocked');
  }

  /** Goes on with a window, or says that there is none. */
  #follow(next: Window | null, without: 'ask' | 'blocked'): void {
    this.#watch.abort();
    this.#popup = next;
    if (!next) this.#dialog.show(without === 'ask' ? this.#askView() : this.#blockedView());
    // No dialog as long as the window speaks for itself.
    else if (this.#dialog.view || this.#isOutOfBand) this.#dialog.show(this.#openView());
    if (!next || this.#isOutOfBand) return;
    this.#watch = new AbortController();
    const { signal } = this.#watch;
    void untilGone(next, signal).then(async (how) => {
      // The window also goes when the callback page has done its work: the worker knows.
      if (signal.aborted || !(await this.actions.isOpen()) || signal.aborted) return;
      if (how === 'closed') this.actions.cancel();
      else this.#dialog.show(this.#openView());
    });
  }

  async #submit(pasted: string): Promise<void> {
    const code = pastedCode(pasted);
    if (code === undefined || !this.#challenge) {
      this.#dialog.show(this.#codeView('code', code === undefined ? 'codeUnclear' : 'codeRefused'));
      return;
    }
    this.#dialog.show({ ...this.#codeView('code'), text: 'checking', field: 'busy' });
    try {
      await this.actions.submitCode(this.#challenge, code);
    } catch (error) {
      const reason = error as IdentityError;
      // Where the challenge is over, the worker tells of it as well.
      if ((await this.actions.isOpen(reason)) && this.#dialog.view?.field === 'busy')
        this.#dialog.show(this.#codeView('code', this.#refusal(reason)));
    }
  }

  #refusal({ code }: IdentityError): keyof SignInTexts {
    return code === 'code-refused' ? 'codeRefused' : failureText(code);
  }

  #askView(): View {
    const text = this.#challenge?.reason === 'expired' ? 'expired' : 'ask';
    return this.#isOutOfBand ? this.#codeView('open') : { text, main: 'open', open: 'signIn' };
  }

  #openView(): View {
    return this.#isOutOfBand ? this.#codeView('code') : { text: 'waiting', main: 'open', open: 'openAgain' };
  }

  #blockedView(): View {
    const link = this.#challenge ? { link: this.#challenge.authorizationUrl } : {};
    return {
      ...(this.#isOutOfBand ? this.#codeView('open') : {}),
      alert: 'blocked',
      main: 'link',
      open: 'signInAgain',
      ...link,
    };
  }

  #codeView(main: View['main'], alert?: keyof SignInTexts): View {
    return { text: 'outOfBand', ...(alert ? { alert } : {}), main, open: 'signIn', field: 'kept' };
  }

  #openWindow(): Window | null {
    return openPopup(this.#challenge?.authorizationUrl, this.#challenge?.challengeId);
  }

  #isWindowAlive(): boolean {
    return this.#popup !== null && !this.#popup.closed;
  }

  #closeWindow(): void {
    if (this.#popup && this.#isWindowAlive()) closeAtHome(this.#popup);
    // It may live on for a moment, and is not opened again.
    this.#popup = null;
  }
}
