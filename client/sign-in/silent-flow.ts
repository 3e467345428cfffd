/** Signs in without asking the user: the sign-in page is opened in a hidden frame, and redirects where the portal has a session. */
import type { IdentityError } from '../../protocol/errors.js';
import type { CodeRequired } from '../../protocol/messages.js';
import { isStranded } from '../page-mark.js';

/** Longest wait for a portal, in ms: one that shows a form, or may not be framed, does not redirect. */
const SILENT_MS = 8_000;

/** Longest wait once the portal shows a page, in ms: it may still redirect by script, or wait for the user for ever. */
const SHOWN_MS = 1_500;

/** One silent sign-in. */
export class SilentFlow {
  readonly #frame: HTMLIFrameElement;
  #end: (reason?: IdentityError) => void = () => undefined;

  /** @param error - Makes the error: the portal would have to ask, or does not work in a frame; or no page takes its response. */
  constructor(
    private readonly challenge: CodeRequired,
    private readonly error: (code: 'login-required' | 'callback-page-missing') => IdentityError,
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
    const abort = (): void => {
      const isHere = isStranded(this.#frame.contentWindow, this.challenge.authorizationUrl);
      this.#end(this.error(isHere ? 'callback-page-missing' : 'login-required'));
    };
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
