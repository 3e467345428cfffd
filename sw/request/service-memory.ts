/** What is known of services in this boot of the worker: which are public, which accept a token, which reject one that is new. */
import { targetKey, type TokenTarget } from '../portals/portal-index.js';
import { ExpiringMap } from '../storage/expiring-map.js';

/** How long a readable response vouches for its token, in ms: so long may an image stay broken after a revocation. */
const ACCEPTED_MS = 60_000;

/** How long a service's rejection of a new token is believed to last, in ms. */
const REJECTED_MS = 60_000;

/** A check of a token, on its way. */
interface Check {
  readonly token: string;
  readonly isAccepted: Promise<boolean>;
}

/** One per boot of the worker. */
export class ServiceMemory {
  readonly #public = new Map<string, Promise<boolean>>();
  /** The token that a portal or server has last accepted. */
  readonly #accepted: ExpiringMap<string, string>;
  readonly #checks = new Map<string, Check>();
  /** The new token that a service has last rejected. */
  readonly #rejected: ExpiringMap<string, string>;
  /** Origins that answer no preflight for a token in a header, and accept it in a query. */
  readonly #withoutHeader = new Set<string>();

  constructor(now: () => number = () => Date.now()) {
    this.#accepted = new ExpiringMap(ACCEPTED_MS, now);
    this.#rejected = new ExpiringMap(REJECTED_MS, now);
  }

  /**
   * Whether a service can be seen without a token.
   *
   * @param probe - Sends a request without a token; called once per service.
   */
  isPublic(url: URL, probe: () => Promise<boolean>): Promise<boolean> {
    const key = serviceOf(url);
    const known = this.#public.get(key);
    if (known) return known;
    const probing = probe();
    this.#public.set(key, probing);
    // Only good news lasts: a secured service is probed again once somebody has signed in or cancelled.
    void probing.then((isPublic) => isPublic || this.#public.delete(key));
    return probing;
  }

  /** A readable response did not reject the token. */
  accept(target: TokenTarget, token: string): void {
    this.#accepted.set(targetKey(target), token);
  }

  /**
   * Whether a server accepts a token. Known for a while; else it is checked, once for all requests that come meanwhile.
   *
   * @param check - Sends a request whose response can be read.
   */
  isAccepted(target: TokenTarget, token: string, check: () => Promise<boolean>): true | Promise<boolean> {
    const key = targetKey(target);
    if (this.#accepted.get(key) === token) return true;
    const pending = this.#checks.get(key);
    if (pending?.token === token) return pending.isAccepted;
    const isAccepted = check().then((answer) => {
      if (answer) this.accept(target, token);
      if (this.#checks.get(key) === started) this.#checks.delete(key);
      return answer;
    });
    const started: Check = { token, isAccepted };
    this.#checks.set(key, started);
    return isAccepted;
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
}

const service = /^.*?\/(?:[A-Za-z]+Server|items\/[^/]+)(?=\/|$)/;

/** Names the service or item that a URL belongs to; a URL of neither kind stands for itself. */
export const serviceOf = ({ origin, pathname }: URL): string =>
  origin + (service.exec(pathname)?.[0] ?? pathname);
