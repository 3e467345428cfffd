/** Remembers which tokens a server has lately taken, for requests whose answers cannot be read. */
import type { Claim } from '../registry/registry.js';

/** How long a readable answer vouches for its token, in ms: so long may an image stay broken after a revocation. */
const CONFIRMED_MS = 60_000;

/** One token per portal or server, and when it was last seen to be taken. */
export class ConfirmedTokens {
  readonly #taken = new Map<string, { token: string; atMs: number }>();

  constructor(private readonly now: () => number = () => Date.now()) {}

  /** A readable answer did not refuse the token. */
  confirm(claim: Claim, token: string): void {
    this.#taken.set(keyOf(claim), { token, atMs: this.now() });
  }

  isConfirmed(claim: Claim, token: string): boolean {
    const taken = this.#taken.get(keyOf(claim));
    const ageMs = taken ? this.now() - taken.atMs : Infinity;
    return taken?.token === token && ageMs >= 0 && ageMs < CONFIRMED_MS;
  }
}

const keyOf = ({ portal, serverRoot }: Claim): string => serverRoot ?? portal.url;
