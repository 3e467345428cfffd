/** The sign-in that takes the place of the page: for apps that want it, and where windows do not come back. */
import { identityError, type IdentityError } from '../../protocol/errors.js';
import type { CodeRequired } from '../../protocol/messages.js';
import type { View } from './dialog-element.js';
import type { Wording } from './languages.js';
import type { FlowActions } from './popup-flow.js';
import { SignInDialog } from './dialog.js';
import { failureText } from './texts.js';

/** What this login needs besides. */
export interface RedirectFlowActions extends Pick<FlowActions, 'cancel' | 'again'> {
  /** Notes where the person is, for the way back. */
  depart: (challenge: CodeRequired) => Promise<unknown>;
}

/** Asks before it leaves a page that nobody has asked to leave; goes at once where the app has called `signIn`. */
export class RedirectFlow {
  #challenge: CodeRequired | undefined;
  readonly #dialog: SignInDialog;
  #isOver = false;
  /** The person has clicked to try again: the next challenge is gone to. */
  #isRetrying = false;

  constructor(
    portalName: string,
    wording: () => Promise<Wording>,
    private readonly actions: RedirectFlowActions,
  ) {
    this.#dialog = new SignInDialog(portalName, wording, {
      open: () => this.#click(),
      followLink: () => undefined,
      cancel: actions.cancel,
      submitCode: () => undefined,
    });
  }

  /** @param opened - Left out where the worker asks by itself. */
  begin(challenge: CodeRequired, opened?: Window | null): void {
    const isFirst = !this.#challenge;
    this.#challenge = challenge;
    if (opened !== undefined || this.#isRetrying) this.#go(challenge);
    else if (isFirst) this.#show({ text: challenge.reason === 'expired' ? 'expired' : 'askLeave' });
  }

  /** A click that was made for this challenge in the app. */
  takeWindow(opened: Window | null | undefined): void {
    opened?.close();
    if (opened !== undefined && this.#challenge) this.#go(this.#challenge);
  }

  /**
   * The challenge has failed, in another tab or before the page was left.
   *
   * @param isTold - Somebody else tells the person.
   * @returns Whether the sign-in goes on.
   */
  fail(reason: IdentityError, isTold: boolean): boolean {
    if (this.#isOver || (isTold && !this.#dialog.view)) return false;
    this.#challenge = undefined;
    this.#isRetrying = false;
    this.#show({ alert: failureText(reason.code) });
    return true;
  }

  close(): void {
    this.#isOver = true;
    this.#dialog.close();
  }

  #go(challenge: CodeRequired): void {
    this.#isRetrying = false;
    this.actions.depart(challenge).then(
      () => {
        if (!this.#isOver) location.assign(challenge.authorizationUrl);
      },
      () => this.fail(identityError('sign-in-interrupted'), false),
    );
  }

  #click(): void {
    if (this.#challenge) {
      this.#go(this.#challenge);
      return;
    }
    this.#isRetrying = true;
    this.actions.again(null).catch((error: IdentityError) => this.fail(error, false));
  }

  #show(view: Pick<View, 'text' | 'alert'>): void {
    this.#dialog.show({
      ...view,
      main: 'open',
      open: view.alert === undefined ? 'signIn' : 'signInAgain',
    });
  }
}
