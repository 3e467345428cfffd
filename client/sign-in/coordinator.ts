/** All sign-ins of a page: those it is asked for, those it asks for itself, and those that another page is asked for. */
import { fromWireError, identityError, type IdentityError } from '../../protocol/errors.js';
import { parseCallbackRelay, type CodeRequired, type WorkerMessage } from '../../protocol/messages.js';
import type { SignInParameters } from '../../protocol/worker-api.js';
import { submitResponse } from '../callback-page.js';
import { hasForeignParent } from '../foreign-parent.js';
import type { PageHost } from '../page-host.js';
import { wordingFor, type WordingOptions } from './languages.js';
import { SignInSession } from './session.js';
import { SignInsInOtherPages } from './other-pages.js';
import { SilentFlow } from './silent-flow.js';

/** One portal's sign-in at a time. */
export class SignInCoordinator {
  /** By portal. */
  readonly #open = new Map<string, SignInSession>();
  readonly #elsewhere = new SignInsInOtherPages();
  /** By challenge. */
  readonly #silent = new Map<string, SilentFlow>();

  constructor(
    private readonly host: PageHost,
    private readonly options: WordingOptions,
  ) {}

  /**
   * Signs in, and waits for the end.
   *
   * @param opened - The window of a click, still blank; `null` where there is none.
   * @returns URL of the portal.
   */
  async signIn(
    portal: string | undefined,
    parameters: SignInParameters,
    signal: AbortSignal | undefined,
    opened: Window | null,
  ): Promise<string> {
    const challenge = await this.host.connection.call('signIn', portal, parameters);
    if (parameters.silent) await this.#signInSilently(challenge, signal);
    else await this.#takePart(challenge, opened).wait(signal);
    return challenge.portal;
  }

  /** Takes up a message of the worker. */
  receive(message: WorkerMessage): void {
    if (message.type === 'identity:credential-changed') {
      // The user has signed in to a portal, here or in another tab.
      if (message.credential) this.#open.get(message.portal)?.credentialArrived();
    } else if (message.type === 'identity:challenge-settled') {
      const { challengeId, portal, outcome } = message;
      const reason = errorOf(message);
      this.#elsewhere.end(challengeId);
      this.#open.get(portal)?.settle(challengeId, outcome, reason);
      this.#silent.get(challengeId)?.settle(outcome === 'signed-in' ? undefined : reason);
    } else if (message.asked) {
      this.#elsewhere.end(message.challengeId);
      this.#takePart(message);
    } else if (!this.#open.has(message.portal)) {
      const event = this.#elsewhere.take(message);
      if (event) this.host.identity.dispatchEvent(event);
    }
  }

  /** The window of a sign-in speaks to another worker than this frame of a foreign page. */
  async acceptRelayedCallback(data: unknown): Promise<void> {
    const relay = parseCallbackRelay(data);
    if (relay?.response) await submitResponse(relay.response, this.host.connection);
    else if (relay && hasForeignParent()) {
      for (const signIn of this.#open.values()) await signIn.failPartitioned();
    }
  }

  async #signInSilently(challenge: CodeRequired, signal: AbortSignal | undefined): Promise<void> {
    const silent = new SilentFlow(challenge);
    this.#silent.set(challenge.challengeId, silent);
    try {
      await silent.run(signal);
    } catch (error) {
      await this.host.connection.call('cancel', challenge.challengeId).catch(() => undefined);
      throw error;
    } finally {
      this.#silent.delete(challenge.challengeId);
    }
  }

  #takePart(challenge: CodeRequired, opened?: Window | null): SignInSession {
    const { portal } = challenge;
    let signIn = this.#open.get(portal);
    if (!signIn) {
      const made = new SignInSession(
        portal,
        this.host,
        () => wordingFor(this.options),
        () => {
          if (this.#open.get(portal) === made) this.#open.delete(portal);
        },
      );
      this.#open.set(portal, made);
      signIn = made;
    }
    signIn.take(challenge, opened);
    return signIn;
  }
}

function errorOf({
  portal,
  error,
}: Extract<WorkerMessage, { type: 'identity:challenge-settled' }>): IdentityError {
  return error
    ? fromWireError(error)
    : identityError('challenge-cancelled', { origin: new URL(portal).origin });
}
