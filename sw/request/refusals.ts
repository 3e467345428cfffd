/** Remembers which services refuse a token that was renewed for them: renewing it again would not help. */
import { serviceOf } from './service.js';

/** How long a service's refusal of a new token is believed to last, in ms. */
const BELIEVED_MS = 60_000;

/** The last new token that each service refused. */
export class Refusals {
  readonly #refused = new Map<string, { token: string; atMs: number }>();

  constructor(private readonly now: () => number = () => Date.now()) {}

  /** A service refused a token that had just been renewed. */
  note(url: URL, token: string): void {
    this.#refused.set(serviceOf(url), { token, atMs: this.now() });
  }

  /** Whether a service has lately refused this very token although it was new. */
  has(url: URL, token: string): boolean {
    const refused = this.#refused.get(serviceOf(url));
    const ageMs = refused?.token === token ? this.now() - refused.atMs : Infinity;
    return ageMs >= 0 && ageMs < BELIEVED_MS;
  }
}
