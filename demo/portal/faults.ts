// Which request meets which fault, and holds: responses that wait until a test releases them.

import { checkFault, type Fault } from './fault.js';
import type { PortalRequest } from './http/request.js';
import { randomFrom } from './random.js';
import { matches, type PathPattern, type RequestMatcher } from './request-matcher.js';
import type { ServerName } from './switches.js';

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
  /** Whether the next request that matches is of the share. */
  readonly isChosen: () => boolean;
  left: number;
}

export class Faults {
  #faults: ActiveFault[] = [];
  #holds: ActiveHold[] = [];
  #hanging = new Set<() => void>();

  /**
   * Adds a fault.
   *
   * @returns A function that removes it.
   * @throws InvalidFault
   */
  add(path: PathPattern, fault: Fault): () => void {
    checkFault(fault);
    const active: ActiveFault = {
      matcher: matcherFor(path, fault),
      fault,
      isChosen: chooser(fault),
      left: fault.times ?? Number.POSITIVE_INFINITY,
    };
    this.#faults.push(active);
    return () => {
      this.#faults = this.#faults.filter((other) => other !== active);
    };
  }

  /** The fault for this request, if there is one. It counts towards `times`. */
  take(request: PortalRequest): Fault | undefined {
    const active = this.#faults.find(
      ({ matcher, left, isChosen }) => left > 0 && isFor(matcher, request) && isChosen(),
    );
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
      ({ matcher, before }) => before === (stage === 'before') && isFor(matcher, request),
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

/** Preflights are what browsers send by themselves: a fault or hold is for them only where it says so. */
function isFor(matcher: RequestMatcher, request: PortalRequest): boolean {
  if (request.method === 'OPTIONS' && matcher.method?.toUpperCase() !== 'OPTIONS') return false;
  return matches(matcher, request);
}

/** Draws one number for each request that matches, so that others do not change the choice. */
function chooser({ share }: Fault): () => boolean {
  if (!share) return () => true;
  const random = randomFrom(String(share.seed));
  return () => random() < share.part;
}

function matcherFor(path: PathPattern, options: HoldOptions): RequestMatcher {
  return {
    path,
    ...(options.server === undefined ? {} : { server: options.server }),
    ...(options.method === undefined ? {} : { method: options.method }),
  };
}
