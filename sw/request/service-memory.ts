/** What is known of services in this boot of the worker: which are public, reject a token that is new, or would be reported. */
import { ExpiringMap } from '../storage/expiring-map.js';

/** How long a service's rejection of a new token is believed to last, in ms. */
const REJECTED_MS = 60_000;

/** How long a service that could not be asked is taken to be public, in ms. */
const UNANSWERED_MS = 30_000;

/** One per boot of the worker. */
export class ServiceMemory {
  readonly #public = new Map<string, Promise<boolean>>();
  readonly #unanswered: ExpiringMap<string, true>;
  /** The new token that a service has last rejected. */
  readonly #rejected: ExpiringMap<string, string>;
  /** Origins that answer no preflight for a token in a header, and accept it in a query. */
  readonly #withoutHeader = new Set<string>();
  readonly #reported = new Map<string, boolean | Promise<boolean>>();

  constructor(now: () => number = () => Date.now()) {
    this.#rejected = new ExpiringMap(REJECTED_MS, now);
    this.#unanswered = new ExpiringMap(UNANSWERED_MS, now);
  }

  /**
   * Whether a service can be seen without a token.
   *
   * @param probe - Sends a request without a token; called once per service. `undefined`: the service itself did not answer.
   */
  isPublic(url: URL, probe: () => Promise<boolean | undefined>): Promise<boolean> {
    const key = serviceOf(url);
    const known = this.#public.get(key);
    if (known) return known;
    if (this.#unanswered.get(key)) return Promise.resolve(true);
    const probing = probe().then((isPublic) => {
      // Only good news lasts: a secured service is probed again once somebody has signed in or cancelled.
      if (isPublic !== true) this.#public.delete(key);
      if (isPublic === undefined) this.#unanswered.set(key, true);
      return isPublic ?? true;
    });
    this.#public.set(key, probing);
    return probing;
  }

  /** A service rejected a token that had just been renewed. */
  reject(url: URL, token: string): void {
    this.#rejected.set(serviceOf(url), token);
  }

  /** Whether a service has lately rejected this very token although it was new: another renewal would not help. */
  isRejected(url: URL, token: string): boolean {
    return this.#rejected.get(serviceOf(url)) === token;
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
