/** Knows which tokens a server has lately taken, for requests whose answers cannot be read. */
import { claimId, type Claim } from '../portals/portal-index.js';

/** How long a readable answer vouches for its token, in ms: so long may an image stay broken after a revocation. */
const CONFIRMED_MS = 60_000;

interface Trial {
  readonly token: string;
  readonly isTaken: Promise<boolean>;
}

/** One token per portal or server, and when it was last seen to be taken. */
export class ConfirmedTokens {
  readonly #taken = new Map<string, { token: string; atMs: number }>();
  readonly #trials = new Map<string, Trial>();

  constructor(private readonly now: () => number = () => Date.now()) {}

  /** A readable answer did not refuse the token. */
  confirm(claim: Claim, token: string): void {
    this.#taken.set(claimId(claim), { token, atMs: this.now() });
  }

  /**
   * Whether the server takes a token. Known for a while; else it is tried, once for all who ask meanwhile.
   *
   * @param attempt - Sends a request whose answer can be read.
   */
  isTaken(claim: Claim, token: string, attempt: () => Promise<boolean>): true | Promise<boolean> {
    const key = claimId(claim);
    const taken = this.#taken.get(key);
    const ageMs = taken?.token === token ? this.now() - taken.atMs : Infinity;
    if (ageMs >= 0 && ageMs < CONFIRMED_MS) return true;
    const pending = this.#trials.get(key);
    if (pending?.token === token) return pending.isTaken;
    const isTaken = attempt().then((answer) => {
      if (answer) this.confirm(claim, token);
      if (this.#trials.get(key) === trial) this.#trials.delete(key);
      return answer;
    });
    const trial: Trial = { token, isTaken };
    this.#trials.set(key, trial);
    return isTaken;
  }
}
