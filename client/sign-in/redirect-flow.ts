/** Signs in by a page that takes the place of the app's page: for apps that want it, and where windows cannot come back. */
import type { ErrorCode } from '../../protocol/errors.js';
import type { CodeRequired } from '../../protocol/messages.js';
import type { SignInDialog } from './dialog.js';
import type { FlowActions, SignInFlow } from './flow.js';
import { redirectViews } from './views.js';

/** What this flow does to the page. */
export interface Departure {
  /** Saves the place that the user comes back to. */
  save(challenge: CodeRequired): Promise<unknown>;
  leave(url: string): void;
}

/** Asks before it leaves the page; leaves at once where the app has called `signIn`. */
export class RedirectFlow implements SignInFlow {
  #isOver = false;

  constructor(
    private readonly dialog: SignInDialog,
    private readonly actions: FlowActions,
    private readonly departure: Departure,
  ) {}

  get isVisible(): boolean {
    return this.dialog.isVisible;
  }

  start(challenge: CodeRequired, opened: Window | null | undefined): void {
    if (opened === undefined) this.dialog.show(redirectViews.ask(challenge));
    else this.take(challenge, opened);
  }

  take(challenge: CodeRequired, opened: Window | null | undefined): void {
    opened?.close();
    this.reopen(challenge);
  }

  retry(challenge: CodeRequired, opened: Window | null | undefined): void {
    this.take(challenge, opened);
  }

  reopen(challenge: CodeRequired): void {
    this.departure.save(challenge).then(
      () => {
        if (!this.#isOver) this.departure.leave(challenge.authorizationUrl);
      },
      () => this.actions.send('failed'),
    );
  }

  request(): void {
    this.actions.request(null);
  }

  showFailure(code: ErrorCode): void {
    this.dialog.show(redirectViews.failure(code));
  }

  close(): void {
    this.#isOver = true;
    this.dialog.close();
  }

  // There is no window, and no code to paste.
  showWaiting(): void {}
  showChecking(): void {}
  showUnclear(): void {}
  showRefusal(): void {}
}
