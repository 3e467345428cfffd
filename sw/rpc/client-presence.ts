/** Which pages this boot of the worker has heard from: which can show a sign-in, and which have become unresponsive. */

/**
 * Longest silence of a prompted page, in ms; pages in a sign-in send a message every 10 s (client/connection.ts). A frozen page sends
 * none, and the timers of one in the background may run once a minute: the user sees nothing of either.
 */
const UNRESPONSIVE_MS = 25_000;

/** What is known of pages, by client id. */
export class ClientPresence {
  readonly #seen = new Set<string>();
  readonly #incompatible = new Set<string>();
  readonly #lastMs = new Map<string, number>();

  readonly #now: () => number;

  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
  }

  /** A page has sent a message: it can show a sign-in. */
  markSeen(clientId: string): void {
    this.#seen.add(clientId);
    this.#incompatible.delete(clientId);
    this.#lastMs.set(clientId, this.#now());
  }

  /** A page speaks another version of the protocol: it would not understand a prompt. */
  markIncompatible(clientId: string): void {
    this.#incompatible.add(clientId);
  }

  /** A page is prompted: from now on it is expected to send messages. */
  markPrompted(clientId: string): void {
    this.#lastMs.set(clientId, this.#now());
  }

  isSeen(clientId: string): boolean {
    return this.#seen.has(clientId);
  }

  isIncompatible(clientId: string): boolean {
    return this.#incompatible.has(clientId);
  }

  /** Whether a prompted page has sent nothing for too long. */
  isUnresponsive(clientId: string): boolean {
    return this.#now() - (this.#lastMs.get(clientId) ?? this.#now()) > UNRESPONSIVE_MS;
  }
}
