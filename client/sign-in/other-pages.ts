/** Sign-ins that another page of the site was asked for: this one is told, shows nothing, and may answer as well. */
import type { CodeRequired } from '../../protocol/messages.js';
import { SignInElsewhereEvent } from '../events.js';

/** What this page has been told of, until it is over. */
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

  /** It has been answered, or is asked of this page now. */
  end(challengeId: string): void {
    this.#open.get(challengeId)?.abort();
    this.#open.delete(challengeId);
  }
}
