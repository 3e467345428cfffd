/** The pages by what they have said to this boot of the worker: who can answer, and who has fallen silent. */

/**
 * Longest silence of a page that was asked, in ms; pages in a sign-in speak every 10 s (client/sign-in.ts). A frozen page says
 * nothing at all, one in the background may have its timers run once a minute: of both a person sees nothing.
 */
const SILENT_MS = 25_000;

/** What is known of pages, by client id. */
export class Audience {
  readonly #connected = new Set<string>();
  readonly #strangers = new Set<string>();
  readonly #lastMs = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  /** A page has spoken: it can answer. */
  heard(clientId: string): void {
    this.#connected.add(clientId);
    this.#strangers.delete(clientId);
    this.#lastMs.set(clientId, this.now());
  }

  /** A page has spoken another version of the protocol: it would not understand a question. */
  heardStranger(clientId: string): void {
    this.#strangers.add(clientId);
  }

  /** A page is asked: from now on it is to be heard. */
  asked(clientId: string): void {
    this.#lastMs.set(clientId, this.now());
  }

  isConnected(clientId: string): boolean {
    return this.#connected.has(clientId);
  }

  isStranger(clientId: string): boolean {
    return this.#strangers.has(clientId);
  }

  /** Whether a page that was asked has not been heard for too long. */
  isSilent(clientId: string): boolean {
    return this.now() - (this.#lastMs.get(clientId) ?? this.now()) > SILENT_MS;
  }
}
