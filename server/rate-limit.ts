/** Limits how often a browser is answered. */
import { ServerConfigurationError } from './errors.js';

/** So many browsers are remembered, the latest ones. */
const MAX_BROWSERS = 10_000;

const MINUTE_MS = 60_000;

/** A bucket for each browser, which fills evenly; a request takes one from it. */
export class RateLimit {
  readonly #perMinute: number;
  /** The latest last. */
  readonly #buckets = new Map<string, { left: number; atMs: number }>();

  /**
   * @param perMinute - Requests of one browser in a minute, and at once.
   * @throws {@link ServerConfigurationError} `limit-invalid`.
   */
  constructor(perMinute: number) {
    if (!(perMinute > 0)) throw new ServerConfigurationError('limit-invalid');
    this.#perMinute = perMinute;
  }

  /**
   * Counts a request.
   *
   * @returns 0 where it may be answered, else how long to wait, in s.
   */
  waitS(browser: string, nowMs = Date.now()): number {
    const { left, atMs } = this.#buckets.get(browser) ?? { left: this.#perMinute, atMs: nowMs };
    const filled = Math.max(0, nowMs - atMs) * (this.#perMinute / MINUTE_MS);
    const now = Math.min(this.#perMinute, left + filled);
    const mayPass = now >= 1;
    this.#buckets.delete(browser);
    this.#buckets.set(browser, { left: mayPass ? now - 1 : now, atMs: nowMs });
    if (this.#buckets.size > MAX_BROWSERS) this.#buckets.delete(this.#buckets.keys().next().value ?? '');
    return mayPass ? 0 : Math.ceil(((1 - now) * MINUTE_MS) / this.#perMinute / 1000);
  }
}
