/** Loads the chunk that signs in when it is first needed, and passes on to it what the worker says. */
import { CALLBACK_RELAY, type SignInMessage } from '../protocol/messages.js';
import { loadChunk } from './lazy.js';
import type { PageHost } from './page-host.js';
import type { SignInCoordinator } from './sign-in/coordinator.js';
import type { WordingOptions } from './sign-in/languages.js';

/** The page's sign-ins, before and after their chunk is there. */
export class SignInLoader {
  readonly #host: PageHost;
  readonly #options: WordingOptions;
  #coordinator: Promise<SignInCoordinator> | undefined;

  constructor(host: PageHost, options: WordingOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** @throws ConfigurationError `client-chunk-missing`; the next call tries again. */
  load(): Promise<SignInCoordinator> {
    this.#coordinator ??= this.#make().catch((error: unknown) => {
      this.#coordinator = undefined;
      throw error;
    });
    // A caller that waits for something else first takes the rejection later.
    this.#coordinator.catch(() => undefined);
    return this.#coordinator;
  }

  /** Takes up a message of the worker; in the order in which they came. */
  receive(message: SignInMessage): void {
    if (this.#coordinator || message.type !== 'identity:credential-changed') void this.#receive(message);
  }

  /** Takes up what the callback page of a sign-in window sends to the page that opened it. */
  listenToCallbackPages(): void {
    addEventListener('message', ({ origin, data }: MessageEvent<unknown>) => {
      if (origin === location.origin && (data as { type?: unknown } | null)?.type === CALLBACK_RELAY)
        this.load()
          .then((coordinator) => coordinator.acceptRelayedCallback(data))
          .catch(() => undefined);
    });
  }

  async #make(): Promise<SignInCoordinator> {
    const chunk = await loadChunk('signIn');
    return new chunk.SignInCoordinator(this.#host, this.#options);
  }

  async #receive(message: SignInMessage): Promise<void> {
    try {
      (await this.load()).receive(message);
    } catch (error) {
      if (message.type !== 'identity:code-required' || !message.asked) return;
      // This page cannot prompt: the requests get the portal's own answers, and the page's developer is told why.
      reportError(error);
      await this.#host.connection.call('cancel', message.challengeId).catch(() => undefined);
    }
  }
}
