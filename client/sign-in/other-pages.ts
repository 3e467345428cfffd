/** Sign-ins that the worker prompts for in another page of the site: the app of this one is told, and may join. */
import type { CodeRequired } from '../../protocol/messages.js';
import { SignInElsewhereEvent } from '../events.js';

/** Those that have not ended. */
export class SignInsInOtherPages {
  /** By challenge. */
  readonly #open = new Map<string, AbortController>();

  /** @returns The event to dispatch, once per challenge. */
  take(challenge: CodeRequired): SignInElsewhereEvent | undefined {
    if (this.#open.has(challenge.challengeId)) return undefined;
    const over = new AbortController();
    this.#open.set(challenge.challengeId, over);
    return new SignInElsewhereEvent(challenge, over.signal);
  }

  /** It has ended, or the worker prompts in this page now. */
  end(challengeId: string): void {
    this.#open.get(challengeId)?.abort();
    this.#open.delete(challengeId);
  }
}
