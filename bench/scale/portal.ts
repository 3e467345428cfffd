/** A model of a portal: tokens that expire or are revoked, a token endpoint with latency, outages and a rate limit. */
import type { Clock } from './clock.js';
import { logNormal, type Random } from './random.js';

/** Web-app defaults of ArcGIS: half an hour, two weeks, and an hour for the token of a federated server. In ms. */
export const ACCESS_LIFE_MS = 30 * 60_000;
export const REFRESH_LIFE_MS = 14 * 24 * 3_600_000;
const SERVER_LIFE_MS = 60 * 60_000;

/** Burst that the rate limit allows, in s of the limit. */
const BURST_S = 5;

/** Cost of refusing a request, in answered ones: a connection and its encryption are not free. */
const REFUSAL_COST = 0.1;

/** What the portal responds instead of tokens. */
export interface Outage {
  /** `unreachable`: the connection is refused, as when nothing listens. */
  readonly answer: 'unreachable' | 503 | 429;
  /** Value of `Retry-After`, in s. */
  readonly retryAfter?: number;
}

export type Kind = 'refresh' | 'exchange' | 'challenge';

/** Counts events by second of the simulation. */
export class Counts {
  readonly #bySecond = new Map<number, number>();
  total = 0;

  constructor(private readonly startMs: number) {}

  add(atMs: number): void {
    const second = Math.floor((atMs - this.startMs) / 1000);
    this.#bySecond.set(second, (this.#bySecond.get(second) ?? 0) + 1);
    this.total += 1;
  }

  /** The number between two instants. */
  between(fromMs: number, toMs: number): number {
    let sum = 0;
    for (const [second, count] of this.#bySecond) {
      const atMs = this.startMs + second * 1000;
      if (atMs >= fromMs && atMs < toMs) sum += count;
    }
    return sum;
  }

  /** The highest mean per second in any window of `windowS` seconds between two instants. */
  peak(fromMs: number, toMs: number, windowS: number): number {
    const first = Math.floor((fromMs - this.startMs) / 1000);
    const last = Math.floor((toMs - this.startMs) / 1000);
    let sum = 0;
    let peak = 0;
    for (let second = first; second < last; second++) {
      sum += this.#bySecond.get(second) ?? 0;
      if (second - windowS >= first) sum -= this.#bySecond.get(second - windowS) ?? 0;
      peak = Math.max(peak, sum);
    }
    return peak / windowS;
  }
}

export class ModelPortal {
  /** All requests, granted or not. */
  readonly requested: Readonly<Record<Kind, Counts>>;
  /** Requests over the limit or during an outage. */
  readonly failed: Counts;
  outage: Outage | undefined;
  /** Token requests per second that are answered; the response to others is `overload`. */
  limitPerS = Infinity;
  overload: Outage = { answer: 503 };
  #epoch = 0;
  #issued = 0;
  #spare = 0;
  #filledMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {
    const counts = (): Counts => new Counts(clock.now());
    this.requested = { refresh: counts(), exchange: counts(), challenge: counts() };
    this.failed = counts();
    this.#filledMs = clock.now();
  }

  /** Invalidates every access token; refresh tokens, which are in a database, stay valid. */
  restart(): void {
    this.#epoch += 1;
  }

  issue(lifeMs: number): string {
    this.#issued += 1;
    return `${this.#epoch}.${this.clock.now() + lifeMs}.${this.#issued}`;
  }

  issueRefreshToken(leftMs = REFRESH_LIFE_MS): string {
    return String(this.clock.now() + leftMs);
  }

  #knows(refreshToken: string): boolean {
    return Number(refreshToken) > this.clock.now();
  }

  /** Whether the services accept a token. */
  accepts(token: string): boolean {
    const [epoch, expiresMs] = token.split('.');
    return Number(epoch) === this.#epoch && Number(expiresMs) > this.clock.now();
  }

  /** Stands in for the worker's `fetch`, which sends token requests only. */
  async fetch(url: string, form: URLSearchParams): Promise<Response> {
    const isExchange = url.endsWith('/generateToken');
    this.requested[isExchange ? 'exchange' : 'refresh'].add(this.clock.now());
    const outage = this.outage ?? (this.#isOverLimit() ? this.overload : undefined);
    await this.clock.wait(outage ? 30 : logNormal(this.random, 120, 0.5));
    if (outage) {
      this.failed.add(this.clock.now());
      if (outage.answer === 'unreachable') throw new TypeError('Failed to fetch');
      const headers = outage.retryAfter === undefined ? {} : { 'retry-after': String(outage.retryAfter) };
      return new Response('', { status: outage.answer, headers });
    }
    if (isExchange) {
      if (!this.accepts(form.get('token') ?? '')) return Response.json({ error: { code: 498 } });
      return Response.json({ token: this.issue(SERVER_LIFE_MS) });
    }
    if (!this.#knows(form.get('refresh_token') ?? ''))
      return Response.json({
        error: { code: 498, error: 'invalid_request', message: 'Invalid refresh_token' },
      });
    const isSwap = form.get('grant_type') === 'exchange_refresh_token';
    return Response.json({
      access_token: this.issue(ACCESS_LIFE_MS),
      expires_in: ACCESS_LIFE_MS / 1000,
      username: 'ana',
      ...(isSwap
        ? { refresh_token: this.issueRefreshToken(), refresh_token_expires_in: REFRESH_LIFE_MS / 1000 }
        : {}),
    });
  }

  /** A token bucket that fills at the limit. */
  #isOverLimit(): boolean {
    if (this.limitPerS === Infinity) return false;
    const nowMs = this.clock.now();
    const filled = this.#spare + ((nowMs - this.#filledMs) / 1000) * this.limitPerS;
    this.#spare = Math.min(filled, BURST_S * this.limitPerS);
    this.#filledMs = nowMs;
    if (this.#spare < 1) {
      this.#spare = Math.max(-this.limitPerS, this.#spare - REFUSAL_COST);
      return true;
    }
    this.#spare -= 1;
    return false;
  }
}
