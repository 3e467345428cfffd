/** What is known of services in this boot of the worker: which are public, accept or refuse tokens, or would be reported. */
import type { Portal } from '../portals/portal.js';
import { ExpiringMap } from '../storage/expiring-map.js';

/** How long a service that refuses tokens that are new is not helped by another one, in ms; each time it still does, twice as long. */
const REFUSING_MS = 60_000;
const MAX_REFUSING_MS = 3_600_000;

/** So many renewals in `REFUSING_MS` that did not help their service are enough, while other services accept the token. */
const MAX_USELESS_RENEWALS = 5;

/** So many services are remembered for the token that they accepted, the latest ones. */
const MAX_ACCEPTING = 500;

/** How long a service that could not be asked is taken to be public, in ms. */
const UNANSWERED_MS = 30_000;

/** One per boot of the worker. */
export class ServiceMemory {
  readonly #public = new Map<string, Promise<boolean>>();
  readonly #unanswered: ExpiringMap<string, true>;
  /** Services that refuse tokens that are new, and in which session of the user. */
  readonly #refusing: ExpiringMap<string, { readonly session: number; readonly times: number }>;
  readonly #useless: ExpiringMap<Portal, number>;
  /** The token that a service has last accepted. */
  readonly #accepted = new Map<string, string>();
  /** Origins that answer no preflight for a token in a header, and accept it in a query. */
  readonly #withoutHeader = new Set<string>();
  readonly #reported = new Map<string, boolean | Promise<boolean>>();

  constructor(now: () => number = () => Date.now()) {
    this.#refusing = new ExpiringMap(REFUSING_MS, now);
    this.#useless = new ExpiringMap(REFUSING_MS, now);
    this.#unanswered = new ExpiringMap(UNANSWERED_MS, now);
  }

  /**
   * Whether a service can be seen without a token.
   *
   * @param probe - Sends a request without a token; called once per service. `undefined`: the service itself did not answer;
   *   `late`: this one request to it has no answer yet.
   */
  isPublic(url: URL, probe: () => Promise<boolean | undefined | 'late'>): Promise<boolean> {
    const key = serviceOf(url);
    const known = this.#public.get(key);
    if (known) return known;
    if (this.#unanswered.get(key)) return Promise.resolve(true);
    const probing = probe().then((isPublic) => {
      // Only good news lasts: a secured service is probed again once somebody has signed in or cancelled.
      if (isPublic !== true) this.#public.delete(key);
      if (isPublic === undefined) this.#unanswered.set(key, true);
      return isPublic !== false;
    });
    this.#public.set(key, probing);
    return probing;
  }

  /** A service accepted a token. */
  accept(url: URL, token: string): void {
    const key = serviceOf(url);
    if (this.#accepted.get(key) === token) return;
    this.#refusing.delete(key);
    this.#accepted.delete(key);
    this.#accepted.set(key, token);
    if (this.#accepted.size > MAX_ACCEPTING)
      for (const oldest of this.#accepted.keys()) {
        this.#accepted.delete(oldest);
        break;
      }
  }

  /**
   * A service refused a token that was new.
   *
   * @param session - Of the user, as `TokenManager.session` counts them: what refuses one may accept another.
   */
  refuse(url: URL, portal: Portal, session: number): void {
    const key = serviceOf(url);
    const last = this.#refusing.last(key);
    const times = last?.session === session ? last.times + 1 : 0;
    const forMs = Math.min(REFUSING_MS * 2 ** times, MAX_REFUSING_MS);
    this.#refusing.set(key, { session, times }, forMs);
    this.#useless.set(portal, (this.#useless.get(portal) ?? 0) + 1);
  }

  /** Whether a service has lately refused a new token in this session: another renewal would not help. */
  isRefusing(url: URL, session: number): boolean {
    return this.#refusing.get(serviceOf(url))?.session === session;
  }

  /** Whether a token that a service has rejected is worth a renewal, or the service may just refuse this user. */
  mayRenew(url: URL, token: string, portal: Portal, session: number): boolean {
    if (this.#accepted.get(serviceOf(url)) === token) return true;
    if (this.isRefusing(url, session)) return false;
    return (this.#useless.get(portal) ?? 0) < MAX_USELESS_RENEWALS || !this.isAccepted(token);
  }

  /** Whether any service has accepted a token. */
  isAccepted(token: string): boolean {
    return [...this.#accepted.values()].includes(token);
  }

  /** An origin answers no preflight for a token in a header. */
  noteWithoutHeader({ origin }: URL): void {
    this.#withoutHeader.add(origin);
  }

  isWithoutHeader({ origin }: URL): boolean {
    return this.#withoutHeader.has(origin);
  }

  /** A report would hold the addresses of a service, or would not. */
  noteReported(url: URL, isReported: boolean | Promise<boolean>): void {
    this.#reported.set(serviceOf(url), isReported);
  }

  /** `undefined` before the first request to a service, a promise while it is found out. */
  isReported(url: URL): boolean | Promise<boolean> | undefined {
    return this.#reported.get(serviceOf(url));
  }
}

const service = /^.*?\/(?:[A-Za-z]+Server|items\/[^/]+)(?=\/|$)/;

/** Names the service or item that a URL belongs to; a URL of neither kind stands for itself. */
export const serviceOf = ({ origin, pathname }: URL): string =>
  origin + (service.exec(pathname)?.[0] ?? pathname);
