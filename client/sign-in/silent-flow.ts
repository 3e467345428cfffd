/** Signs in without asking the user: the sign-in page is opened in a hidden frame, and redirects where the portal has a session. */
import type { IdentityError } from '../../protocol/errors.js';
import type { CodeRequired } from '../../protocol/messages.js';

/** Longest wait for a portal, in ms: one that shows a form, or may not be framed, does not redirect. */
const SILENT_MS = 8_000;

/** Longest wait once the portal shows a page, in ms: it may still redirect by script, or wait for the user for ever. */
const SHOWN_MS = 1_500;

/** One silent sign-in. */
export class SilentFlow {
  readonly #frame: HTMLIFrameElement;
  #end: (reason?: IdentityError) => void = () => undefined;

  /** @param unanswered - The error where the portal would have to ask, or does not work in a frame. */
  constructor(
    private readonly challenge: CodeRequired,
    private readonly unanswered: IdentityError,
    private readonly page = document,
  ) {
    this.#frame = page.createElement('iframe');
  }

  /**
   * Opens the frame, and waits for the end of the challenge.
   *
   * @param signal - Ends the wait.
   * @throws IdentityError how the challenge ended, or that the portal has not answered.
   */
  async run(signal: AbortSignal | undefined): Promise<void> {
    const abort = (): void => this.#end(this.unanswered);
    let timer = setTimeout(abort, SILENT_MS);
    this.#frame.addEventListener('load', () => {
      // The callback page, which submits the response.
      if (this.#frame.contentDocument) return;
      clearTimeout(timer);
      timer = setTimeout(abort, SHOWN_MS);
    });
    signal?.addEventListener('abort', abort);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#end = (reason) => (reason ? reject(reason) : resolve());
        this.#frame.hidden = true;
        this.#frame.src = this.challenge.authorizationUrl;
        this.page.body.append(this.#frame);
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#frame.remove();
    }
  }

  /** The worker tells the end of the challenge. */
  settle(reason: IdentityError | undefined): void {
    this.#end(reason);
  }
}
