/** A token of the app in the server's memory: obtained once for all who ask, renewed before it ends, with pauses while the portal is in trouble. */
import { encodeBase64Url } from './base64url.js';
import type { RefusalCode } from './refusal.js';

/** Why there is no token. Holds nothing that the portal has sent. */
export class TokenTrouble extends Error {
  /** @param retryAfterMs - How long the portal wants to be left alone, in ms. */
  constructor(
    readonly code: Extract<RefusalCode, 'account-refused' | 'portal-unavailable'>,
    readonly retryAfterMs = 0,
  ) {
    super(code);
  }
}

/** A token as a portal issues it. */
export interface IssuedToken {
  readonly token: string;
  /** In s. */
  readonly lifetimeS: number;
}

/** A token in memory. */
export interface HeldToken {
  readonly token: string;
  /** SHA-256, as base64url. */
  readonly digest: string;
  readonly obtainedAtMs: number;
  readonly expiresAtMs: number;
}

/** A token is renewed with less than this to live, or a fifth of its life, in ms: more than the worker asks ahead. */
const RENEW_BELOW_MS = 5 * 60_000;
const RENEW_SHARE = 0.2;

/** A token that a server has refused is not renewed earlier than this after it was obtained, in ms: it would be refused again. */
const MIN_AGE_MS = 10_000;

/** Pause after a first failure, in ms; each further one doubles it. */
const MIN_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;
const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** One token. */
export class CachedToken {
  readonly #issue: () => Promise<IssuedToken>;
  readonly #onTrouble: (trouble: TokenTrouble) => void;
  #held: HeldToken | undefined;
  #renewing: Promise<HeldToken> | undefined;
  #failures = 0;
  #pausedUntilMs = 0;
  #trouble: TokenTrouble | undefined;

  /**
   * @param issue - Asks the portal. Throws {@link TokenTrouble}.
   * @param onTrouble - Told when the portal was asked and gave none.
   */
  constructor(issue: () => Promise<IssuedToken>, onTrouble: (trouble: TokenTrouble) => void) {
    this.#issue = issue;
    this.#onTrouble = onTrouble;
  }

  /**
   * A good token.
   *
   * @param rejected - Digest of a token that a server has refused.
   * @throws {@link TokenTrouble} where there is none; `retryAfterMs` is what is left of the pause.
   */
  async get(rejected?: string): Promise<HeldToken> {
    const nowMs = Date.now();
    const held = this.#held;
    const isRejected = held?.digest === rejected && nowMs - (held?.obtainedAtMs ?? 0) >= MIN_AGE_MS;
    if (held && !isRejected && nowMs < freshUntilMs(held)) return held;
    try {
      const leftMs = this.#pausedUntilMs - nowMs;
      if (this.#trouble && leftMs > 0) throw new TokenTrouble(this.#trouble.code, leftMs);
      this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
      return await this.#renewing;
    } catch (error) {
      // Better a token with seconds to live than none.
      if (held && !isRejected && Date.now() < held.expiresAtMs) return held;
      throw error;
    }
  }

  async #renew(): Promise<HeldToken> {
    try {
      const { token, lifetimeS } = await this.#issue();
      const digest = encodeBase64Url(
        new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))),
      );
      const obtainedAtMs = Date.now();
      this.#held = { token, digest, obtainedAtMs, expiresAtMs: obtainedAtMs + lifetimeS * 1000 };
      this.#failures = 0;
      this.#trouble = undefined;
      return this.#held;
    } catch (error) {
      const trouble = error instanceof TokenTrouble ? error : new TokenTrouble('portal-unavailable');
      const pauseMs = Math.max(
        Math.min(MIN_PAUSE_MS * 2 ** this.#failures, MAX_PAUSE_MS),
        Math.min(trouble.retryAfterMs, MAX_RETRY_AFTER_MS),
      );
      this.#failures += 1;
      this.#pausedUntilMs = Date.now() + pauseMs;
      this.#trouble = trouble;
      this.#onTrouble(trouble);
      throw new TokenTrouble(trouble.code, pauseMs);
    }
  }
}

const freshUntilMs = ({ obtainedAtMs, expiresAtMs }: HeldToken): number =>
  expiresAtMs - Math.min(RENEW_BELOW_MS, (expiresAtMs - obtainedAtMs) * RENEW_SHARE);
