/** A page's part in the sign-in to one portal: one challenge or several, until the person is signed in or gives up. */
import { identityError, type IdentityError } from '../../protocol/errors.js';
import type { ChallengeOutcome, CodeRequired } from '../../protocol/messages.js';
import { PING_MS } from '../connection.js';
import { OAuthCodeRequiredEvent } from '../events.js';
import type { PageHost } from '../page-host.js';
import type { Wording } from './languages.js';
import { PopupFlow } from './popup-flow.js';
import { RedirectFlow } from './redirect-flow.js';
import { here } from './scroll-restoration.js';

/** One portal's sign-in; a new one is made when it is over. */
export class SignInSession {
  /** Rejects with what went wrong; a request's sign-in is answered by the request, and nobody may wait for this. */
  readonly ended: Promise<void>;
  #end: (reason?: IdentityError) => void = () => undefined;
  #challenge: CodeRequired | undefined;
  /** Of the challenge: fires when it has ended. */
  #over = new AbortController();
  /** Why the last challenge failed, where the person may try again. */
  #failure: IdentityError | undefined;
  #login: PopupFlow | RedirectFlow | undefined;
  /** The next challenge after a failure, on its way. */
  #next: Promise<CodeRequired> | undefined;
  #isGivenUp = false;
  #callers = 0;

  constructor(
    private readonly portal: string,
    private readonly host: PageHost,
    private readonly wording: () => Promise<Wording>,
    onEnd: () => void,
  ) {
    const ping = setInterval(() => void host.connection.ping().catch(() => undefined), PING_MS);
    this.ended = new Promise<void>((resolve, reject) => {
      this.#end = (reason) => {
        clearInterval(ping);
        onEnd();
        this.#over.abort();
        this.#login?.close();
        if (reason) reject(reason);
        else resolve();
      };
    });
    this.ended.catch(() => undefined);
  }

  /**
   * Shows a challenge to the app, or the default login to the person; once, however often the worker asks.
   *
   * @param opened - The window of a click, still blank; `null` where the browser let none open.
   */
  take(challenge: CodeRequired, opened?: Window | null): void {
    if (this.#isGivenUp) {
      opened?.close();
      return;
    }
    if (challenge.challengeId !== this.#challenge?.challengeId) {
      // The end of the one before was told, or lost with a stopped worker.
      this.#over.abort();
      this.#over = new AbortController();
      this.#challenge = challenge;
      const event = new OAuthCodeRequiredEvent(
        challenge,
        this.#over.signal,
        (code) => this.host.identity.setOAuthCodeForUrl(challenge.authorizationUrl, code),
        () => (this.#challenge === challenge ? this.cancel() : Promise.resolve()),
      );
      if (this.host.identity.dispatchEvent(event) && this.host.login !== 'none') {
        this.#login ??= this.#makeLogin(challenge);
        this.#login.begin(challenge, opened);
        return;
      }
      // The app has taken it.
      this.#login?.close();
      this.#login = undefined;
    }
    if (this.#login) this.#login.takeWindow(opened);
    else opened?.close();
  }

  /** The worker's word on a challenge. */
  settle(challengeId: string, outcome: ChallengeOutcome, error: IdentityError): void {
    if (challengeId !== this.#challenge?.challengeId) return;
    this.#over.abort();
    this.#challenge = undefined;
    if (outcome === 'signed-in') this.#end();
    else if (outcome === 'failed' && this.#login?.fail(error, this.#callers > 0)) this.#failure = error;
    else this.#end(error);
  }

  /** Somebody has signed in, here or in another tab: nothing is left to try again. */
  credentialArrived(): void {
    if (!this.#challenge) this.#end();
  }

  /** Waits for the end, as the caller of `IdentityManager.signIn`. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    const abort = (): void => void this.cancel();
    signal?.addEventListener('abort', abort, { once: true });
    this.#callers += 1;
    try {
      await this.ended;
    } finally {
      this.#callers -= 1;
      signal?.removeEventListener('abort', abort);
    }
  }

  /** The person gives up: the dialog goes at once, the promise by the worker's word. */
  async cancel(): Promise<void> {
    this.#isGivenUp = true;
    this.#login?.close('person');
    this.#login = undefined;
    // What has begun already is given up as well.
    const challenge = this.#challenge ?? (await this.#next?.catch(() => undefined));
    if (!challenge) {
      this.#end(this.#failure ?? this.#cancelled);
      return;
    }
    this.#challenge = challenge;
    try {
      await this.host.connection.call('cancel', challenge.challengeId);
      await this.#isOpen();
    } catch {
      this.#end(this.#cancelled);
    }
  }

  #makeLogin({ portalName, outOfBand }: CodeRequired): PopupFlow | RedirectFlow {
    const cancel = (): void => void this.cancel();
    const again = async (opened: Window | null): Promise<void> => {
      this.#next = this.host.connection.call('signIn', this.portal);
      try {
        this.take(await this.#next, opened);
      } finally {
        this.#next = undefined;
      }
    };
    // A code that has to be pasted wants its page beside this one.
    if (this.host.login === 'redirect' && !outOfBand)
      return new RedirectFlow(portalName, this.wording, {
        cancel,
        again,
        depart: ({ challengeId }) => this.host.connection.call('depart', challengeId, here()),
      });
    return new PopupFlow(portalName, this.wording, {
      submitCode: ({ authorizationUrl }, code) =>
        this.host.identity.setOAuthCodeForUrl(authorizationUrl, code),
      cancel,
      isOpen: (reason) => this.#isOpen(reason).catch(() => true),
      again,
    });
  }

  /** The window of this frame's sign-in has found that the browser keeps their storage apart. */
  async failPartitioned(): Promise<void> {
    const reason = identityError('storage-partitioned', { origin: new URL(this.portal).origin });
    const challenge = this.#challenge;
    // Before the worker is told: its word, that the challenge was cancelled, is not the reason.
    this.#end(reason);
    if (challenge) await this.host.connection.call('cancel', challenge.challengeId).catch(() => undefined);
  }

  /** Asks the worker where the challenge stands: the news may be lost with a stopped worker. */
  async #isOpen(reason?: IdentityError): Promise<boolean> {
    const challengeId = this.#challenge?.challengeId;
    if (challengeId === undefined) return false;
    const state = await this.host.connection.call('challengeState', challengeId);
    if (state === 'open' || state === 'redeeming') return true;
    const outcome = state !== 'unknown' ? state : reason ? 'failed' : 'cancelled';
    this.settle(challengeId, outcome, outcome === 'failed' && reason ? reason : this.#cancelled);
    return false;
  }

  get #cancelled(): IdentityError {
    return identityError('challenge-cancelled', { origin: new URL(this.portal).origin });
  }
}
