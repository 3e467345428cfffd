// Faults and holds: responses that fail, break off, hang, or wait until a test releases them.

import type { PortalRequest } from './http/request.js';
import { matches, type PathPattern, type RequestMatcher } from './request-matcher.js';
import type { ServerName } from './switches.js';

export interface Fault {
  /** Only requests to this server. */
  readonly server?: ServerName;
  readonly method?: string;
  /** Number of requests that get the fault. Default: all until it is removed. */
  readonly times?: number;
  /** Delay before the request is handled, in ms. */
  readonly delayMs?: number;
  /** Respond with this status instead of handling the request. */
  readonly status?: number;
  readonly retryAfterS?: number;
  /** Respond with this HTML, or a default page, instead of handling the request. Default status: 200. */
  readonly html?: string | true;
  /** Handle the request, then send the first half of the body as if it were complete. */
  readonly truncate?: boolean;
  /** Reset the connection: before the request is handled (`true` or `request`), after it (`answer`), or within the body. */
  readonly drop?: true | 'request' | 'answer' | 'body';
  /** Never respond. */
  readonly hang?: boolean;
}

export interface HoldOptions {
  readonly server?: ServerName;
  readonly method?: string;
  /** Hold the request before it is handled, instead of its response. */
  readonly before?: boolean;
}

export interface Hold {
  /** Number of requests that are held now. */
  readonly held: number;
  /** Resolves once this many requests are held at the same time. */
  reached(count?: number, timeoutMs?: number): Promise<void>;
  /** Releases the oldest held request. */
  releaseNext(): void;
  /** Releases all requests and ends the hold. */
  release(): void;
}

class ActiveHold implements Hold {
  readonly #waiting: (() => void)[] = [];
  readonly #watchers = new Set<() => void>();
  isOver = false;

  constructor(
    readonly matcher: RequestMatcher,
    readonly before: boolean,
  ) {}

  get held(): number {
    return this.#waiting.length;
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      for (const watcher of this.#watchers) watcher();
    });
  }

  reached(count = 1, timeoutMs = 10_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(check);
        reject(new Error(`${this.held} of ${count} requests were held within ${timeoutMs} ms.`));
      }, timeoutMs);
      const check = () => {
        if (this.held < count) return;
        clearTimeout(timer);
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  releaseNext(): void {
    this.#waiting.shift()?.();
  }

  release(): void {
    this.isOver = true;
    while (this.#waiting.length > 0) this.releaseNext();
  }
}

interface ActiveFault {
  readonly matcher: RequestMatcher;
  readonly fault: Fault;
  left: number;
}

export class Faults {
  #faults: ActiveFault[] = [];
  #holds: ActiveHold[] = [];
  #hanging = new Set<() => void>();

  /** Adds a fault. @returns A function that removes it. */
  add(path: PathPattern, fault: Fault): () => void {
    const active: ActiveFault = {
      matcher: matcherFor(path, fault),
      fault,
      left: fault.times ?? Number.POSITIVE_INFINITY,
    };
    this.#faults.push(active);
    return () => {
      this.#faults = this.#faults.filter((other) => other !== active);
    };
  }

  /** The fault for this request, if there is one. It counts towards `times`. Preflights have none. */
  take(request: PortalRequest): Fault | undefined {
    const active = this.#faults.find(({ matcher, left }) => left > 0 && matches(matcher, request));
    if (!active) return undefined;
    active.left -= 1;
    return active.fault;
  }

  hold(path: PathPattern, options: HoldOptions = {}): Hold {
    const hold = new ActiveHold(matcherFor(path, options), options.before ?? false);
    this.#holds.push(hold);
    return hold;
  }

  /** Waits while a hold matches the request. */
  async pass(request: PortalRequest, stage: 'before' | 'after'): Promise<void> {
    this.#holds = this.#holds.filter(({ isOver }) => !isOver);
    const hold = this.#holds.find(
      ({ matcher, before }) => before === (stage === 'before') && matches(matcher, request),
    );
    await hold?.wait();
  }

  /** Waits until all faults are cleared. */
  hang(): Promise<void> {
    return new Promise((resolve) => this.#hanging.add(resolve));
  }

  clear(): void {
    this.#faults = [];
    for (const hold of this.#holds) hold.release();
    this.#holds = [];
    for (const resolve of this.#hanging) resolve();
    this.#hanging.clear();
  }
}

function matcherFor(path: PathPattern, options: HoldOptions): RequestMatcher {
  return {
    path,
    ...(options.server === undefined ? {} : { server: options.server }),
    ...(options.method === undefined ? {} : { method: options.method }),
  };
}
