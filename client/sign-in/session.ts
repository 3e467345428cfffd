/** A page's part in the sign-in to one portal: one challenge or several, until the user has signed in or gives up. */
import type { ErrorCode, IdentityError } from '../../protocol/errors.js';
import type { ChallengeOutcome, CodeRequired } from '../../protocol/messages.js';
import { PING_MS } from '../connection.js';
import { OAuthCodeRequiredEvent } from '../events.js';
import type { PageHost } from '../page-host.js';
import type { EventDetail, SignInFlow } from './flow.js';
import { transition, type SignInEffect, type SignInEvent, type SignInState } from './machine.js';
import type { MakeFlow } from './make-flow.js';

const notShown: ReadonlySet<SignInState> = new Set(['idle', 'queued', 'delegated', 'over']);

/** One portal's sign-in; a new one is made when it is over. */
export class SignInSession {
  /** Rejects with what went wrong. A request's sign-in has no caller: then only the request gets an answer. */
  readonly ended: Promise<void>;
  #end: (reason?: IdentityError) => void = () => undefined;
  #state: SignInState = 'idle';
  #challenge: CodeRequired | undefined;
  /** The app has taken the challenge. */
  #isDelegated = false;
  /** Of the challenge: fires when it has ended. */
  #over = new AbortController();
  /** Why the last challenge failed. */
  #failure: IdentityError | undefined;
  #flow: SignInFlow | undefined;
  /** The next challenge after a failure, on its way. */
  #next: Promise<CodeRequired> | undefined;
  #cancelling: Promise<void> | undefined;
  #callers = 0;

  constructor(
    private readonly portal: string,
    private readonly host: PageHost,
    private readonly makeFlow: MakeFlow,
    onEnd: () => void,
  ) {
    const ping = setInterval(() => void host.connection.ping(), PING_MS);
    this.ended = new Promise<void>((resolve, reject) => {
      this.#end = (reason) => {
        clearInterval(ping);
        onEnd();
        this.#over.abort();
        this.#flow?.close('worker');
        if (reason) reject(reason);
        else resolve();
      };
    });
    this.ended.catch(() => undefined);
    host.connection.delayUpdate(this.ended);
  }

  /**
   * Shows a challenge to the app, or starts the sign-in; once, however often the worker prompts.
   *
   * @param opened - The window of a click, still blank; `null` where the browser let none open. Left out where the worker prompts.
   * @param isFree - Nothing of another portal's sign-in is shown; otherwise a prompt of the worker waits for {@link promptIfQueued}.
   */
  take(challenge: CodeRequired, opened?: Window | null, isFree = true): void {
    const isEnding = this.#state === 'cancelling' || this.#state === 'over';
    if (!isEnding && challenge.challengeId !== this.#challenge?.challengeId) {
      // The end of the one before was told, or lost with a stopped worker.
      this.#over.abort();
      this.#over = new AbortController();
      this.#challenge = challenge;
      this.#isDelegated = !this.#offer(challenge) || this.host.login === 'none';
    }
    const prompt = isFree ? 'prompt' : 'queued';
    this.#send(this.#isDelegated ? 'delegated' : opened === undefined ? prompt : 'sign-in', { opened });
  }

  /** Whether the user has a window or dialog of this sign-in before them. */
  get isShown(): boolean {
    return !notShown.has(this.#state);
  }

  /** Shows the prompt that waits for its turn. */
  promptIfQueued(): void {
    if (this.#state === 'queued') this.#send('prompt');
  }

  /** The worker tells the end of a challenge. */
  settle(challengeId: string, outcome: ChallengeOutcome, reason: IdentityError): void {
    if (challengeId !== this.#challenge?.challengeId) return;
    this.#over.abort();
    this.#challenge = undefined;
    const isQuiet = this.#callers > 0 && !this.#flow?.isVisible;
    this.#send(outcome === 'failed' && isQuiet ? 'failed-quietly' : outcome, { reason });
  }

  /** The user has signed in, here or in another tab. */
  credentialArrived(): void {
    if (!this.#challenge) this.#send('credential');
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

  /** Cancels: the dialog closes at once, the promises settle when the worker has confirmed it. */
  async cancel(): Promise<void> {
    this.#send('cancel');
    await this.#cancelling;
  }

  /**
   * No window can end this sign-in.
   *
   * @param code - `storage-partitioned`: that of this frame is kept apart from the window's. `callback-page-missing`: another page is there.
   */
  async fail(code: 'storage-partitioned' | 'callback-page-missing'): Promise<void> {
    const reason = this.#error(code);
    // A request's sign-in has no caller.
    if (this.#callers === 0) void this.host.report(reason);
    // Rejected before the worker is told, which would give another reason.
    this.#send('impossible', { reason });
    await this.#cancelling;
  }

  #send(event: SignInEvent, detail: EventDetail = {}): void {
    const [next, ...effects] = transition(this.#state, event) ?? [this.#state];
    this.#state = next;
    for (const effect of effects) this.#effects[effect](detail);
  }

  readonly #effects: { readonly [E in SignInEffect]: (detail: EventDetail) => void } = {
    start: ({ opened }) => {
      if (!this.#challenge) return;
      this.#flow = this.makeFlow(this.#challenge, {
        send: (event, detail) => this.#send(event, detail),
        isOpen: () => this.#isOpen().catch(() => true),
        strand: () => void this.fail('callback-page-missing'),
        request: (window) => void this.#request(window),
      });
      this.#flow.start(this.#challenge, opened);
    },
    take: ({ opened }) => this.#challenge && this.#flow?.take(this.#challenge, opened),
    retry: ({ opened }) => this.#challenge && this.#flow?.retry(this.#challenge, opened),
    reopen: () => this.#challenge && this.#flow?.reopen(this.#challenge),
    request: () => this.#flow?.request(),
    'show-waiting': () => this.#flow?.showWaiting(),
    'show-checking': () => this.#flow?.showChecking(),
    'show-unclear': () => this.#flow?.showUnclear(),
    'show-refusal': ({ reason }) => this.#flow?.showRefusal(reason?.code),
    'show-failure': ({ reason }) => {
      this.#failure = reason;
      this.#flow?.showFailure(reason?.code ?? 'sign-in-interrupted');
    },
    'submit-code': ({ code = '' }) => void this.#submitCode(code),
    discard: ({ opened }) => opened?.close(),
    drop: () => this.#dropFlow('worker'),
    leave: () => this.#dropFlow('user'),
    'cancel-challenge': () => {
      this.#cancelling = this.#cancelChallenge();
    },
    resolve: () => this.#end(),
    reject: ({ reason }) => this.#end(reason ?? this.#error('challenge-cancelled')),
  };

  /** @returns Whether the app leaves the challenge to the default sign-in. */
  #offer(challenge: CodeRequired): boolean {
    return this.host.identity.dispatchEvent(
      new OAuthCodeRequiredEvent(
        challenge,
        this.#over.signal,
        (code) => this.host.identity.setOAuthCodeForUrl(challenge.authorizationUrl, code),
        async () => {
          // A listener may cancel at once, before it is known that the app has taken the challenge.
          await Promise.resolve();
          if (this.#challenge === challenge) await this.cancel();
        },
      ),
    );
  }

  #dropFlow(by: 'user' | 'worker'): void {
    this.#flow?.close(by);
    this.#flow = undefined;
  }

  async #request(opened: Window | null): Promise<void> {
    this.#next = this.host.connection.call('signIn', this.portal);
    try {
      this.take(await this.#next, opened);
    } catch (error) {
      opened?.close();
      this.#send('no-challenge', { reason: error as IdentityError });
    } finally {
      this.#next = undefined;
    }
  }

  async #submitCode(code: string): Promise<void> {
    if (!this.#challenge) return;
    try {
      await this.host.identity.setOAuthCodeForUrl(this.#challenge.authorizationUrl, code);
    } catch (error) {
      const reason = error as IdentityError;
      // Where the challenge has ended, the worker tells of it as well.
      if (await this.#isOpen(reason).catch(() => true)) this.#send('code-refused', { reason });
    }
  }

  async #cancelChallenge(): Promise<void> {
    // A challenge that is on its way is cancelled as well.
    const challenge = this.#challenge ?? (await this.#next?.catch(() => undefined));
    if (!challenge) {
      this.#send('given-up', { reason: this.#failure });
      return;
    }
    this.#challenge = challenge;
    try {
      await this.host.connection.call('cancel', challenge.challengeId);
      await this.#isOpen();
    } catch {
      this.#send('given-up');
    }
  }

  /** Asks the worker where the challenge stands: its message may be lost with a stopped worker. */
  async #isOpen(reason?: IdentityError): Promise<boolean> {
    const challengeId = this.#challenge?.challengeId;
    if (challengeId === undefined) return false;
    const state = await this.host.connection.call('challengeState', challengeId);
    if (state === 'open' || state === 'redeeming') return true;
    const outcome = state !== 'unknown' ? state : reason ? 'failed' : 'cancelled';
    this.settle(
      challengeId,
      outcome,
      outcome === 'failed' && reason ? reason : this.#error('challenge-cancelled'),
    );
    return false;
  }

  #error(code: ErrorCode): IdentityError {
    return this.host.error({ code, facts: { origin: new URL(this.portal).origin } });
  }
}
