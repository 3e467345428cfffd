/** A sign-in that asks nobody: the portal is looked at in a hidden frame, and answers where it has a session. */
import { identityError, type IdentityError } from '../../protocol/errors.js';
import type { CodeRequired } from '../../protocol/messages.js';

/** Longest wait for a portal, in ms: one that shows a form instead of an answer, or may not be framed, says nothing. */
const SILENT_MS = 8_000;

/** The same once the portal shows a page: it may still go on by script, and would wait for a person for ever. In ms. */
const SHOWN_MS = 1_500;

/** One silent sign-in. */
export class SilentFlow {
  readonly #frame = document.createElement('iframe');
  #end: (reason?: IdentityError) => void = () => undefined;

  constructor(private readonly challenge: CodeRequired) {}

  /**
   * Opens the frame, and waits for the worker's word.
   *
   * @param signal - Ends the wait.
   * @throws ChallengeError `login-required` where the portal would have to ask, or cannot be asked in a frame.
   */
  async run(signal: AbortSignal | undefined): Promise<void> {
    const { authorizationUrl, portal } = this.challenge;
    const unanswered = identityError('login-required', { origin: new URL(portal).origin });
    const abort = (): void => this.#end(unanswered);
    let timer = setTimeout(abort, SILENT_MS);
    this.#frame.addEventListener('load', () => {
      // The callback page speaks for itself.
      if (this.#frame.contentDocument) return;
      clearTimeout(timer);
      timer = setTimeout(abort, SHOWN_MS);
    });
    signal?.addEventListener('abort', abort);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#end = (reason) => (reason ? reject(reason) : resolve());
        this.#frame.hidden = true;
        this.#frame.src = authorizationUrl;
        document.body.append(this.#frame);
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#frame.remove();
    }
  }

  /** The worker's word. */
  settle(reason: IdentityError | undefined): void {
    this.#end(reason);
  }
}
