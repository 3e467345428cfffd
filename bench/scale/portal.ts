/** A portal as its clients see it: tokens that expire and die, a token endpoint with latency, trouble and a limit. */
import type { Clock } from './clock.js';
import { logNormal, type Random } from './random.js';

/** Web-app defaults of ArcGIS: half an hour, two weeks, and an hour for the token of a federated server. In ms. */
export const ACCESS_LIFE_MS = 30 * 60_000;
export const REFRESH_LIFE_MS = 14 * 24 * 3_600_000;
const SERVER_LIFE_MS = 60 * 60_000;

/** How many seconds of its limit a portal can take at once. */
const BUCKET_S = 5;

/** What it costs to refuse a request, in answered ones: a connection and its encryption are not free. */
const REFUSAL_COST = 0.1;

/** What the portal answers instead of tokens. */
export interface Trouble {
  /** `unreachable`: the connection is refused, as when nothing listens. */
  readonly answer: 'unreachable' | 503 | 429;
  /** In s. */
  readonly retryAfter?: number;
}

export type Kind = 'refresh' | 'exchange' | 'challenge';

/** What happened in each second of the simulation. */
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

  /** The highest mean per second over any stretch of so many seconds between two instants. */
  peak(fromMs: number, toMs: number, stretchS: number): number {
    const first = Math.floor((fromMs - this.startMs) / 1000);
    const last = Math.floor((toMs - this.startMs) / 1000);
    let sum = 0;
    let peak = 0;
    for (let second = first; second < last; second++) {
      sum += this.#bySecond.get(second) ?? 0;
      if (second - stretchS >= first) sum -= this.#bySecond.get(second - stretchS) ?? 0;
      peak = Math.max(peak, sum);
    }
    return peak / stretchS;
  }
}

export class ModelPortal {
  /** All that were asked for, granted or not. */
  readonly asked: Readonly<Record<Kind, Counts>>;
  /** What was refused for being too much, or met trouble. */
  readonly failed: Counts;
  trouble: Trouble | undefined;
  /** Most token requests that are answered in a second; beyond it `overload` is the answer. */
  limitPerS = Infinity;
  overload: Trouble = { answer: 503 };
  #epoch = 0;
  #issued = 0;
  #spare = 0;
  #filledMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {
    const counts = (): Counts => new Counts(clock.now());
    this.asked = { refresh: counts(), exchange: counts(), challenge: counts() };
    this.failed = counts();
    this.#filledMs = clock.now();
  }

  /** Every access token dies; refresh tokens are kept in a database and live on. */
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

  /** Whether the services take a token. */
  takes(token: string): boolean {
    const [epoch, expiresMs] = token.split('.');
    return Number(epoch) === this.#epoch && Number(expiresMs) > this.clock.now();
  }

  /** Stands in for the worker's `fetch`, which sends token requests only. */
  async fetch(url: string, form: URLSearchParams): Promise<Response> {
    const isExchange = url.endsWith('/generateToken');
    this.asked[isExchange ? 'exchange' : 'refresh'].add(this.clock.now());
    const trouble = this.trouble ?? (this.#isTooMuch() ? this.overload : undefined);
    await this.clock.wait(trouble ? 30 : logNormal(this.random, 120, 0.5));
    if (trouble) {
      this.failed.add(this.clock.now());
      if (trouble.answer === 'unreachable') throw new TypeError('Failed to fetch');
      const headers = trouble.retryAfter === undefined ? {} : { 'retry-after': String(trouble.retryAfter) };
      return new Response('', { status: trouble.answer, headers });
    }
    if (isExchange) {
      if (!this.takes(form.get('token') ?? '')) return Response.json({ error: { code: 498 } });
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

  /** A bucket that fills at the limit and holds some seconds of it. */
  #isTooMuch(): boolean {
    if (this.limitPerS === Infinity) return false;
    const nowMs = this.clock.now();
    const filled = this.#spare + ((nowMs - this.#filledMs) / 1000) * this.limitPerS;
    this.#spare = Math.min(filled, BUCKET_S * this.limitPerS);
    this.#filledMs = nowMs;
    if (this.#spare < 1) {
      this.#spare = Math.max(-this.limitPerS, this.#spare - REFUSAL_COST);
      return true;
    }
    this.#spare -= 1;
    return false;
  }
}
