/** The page's connection to the worker: a Comlink port per call, so that a stopped worker breaks nothing. */
import { wrap } from 'comlink';
import { fromWireError, identityError, type ErrorCode, type Result } from '../protocol/errors.js';
import {
  isForeignPrompt,
  parsePortReady,
  parseWorkerMessage,
  PROTOCOL_VERSION,
  SIGN_IN_LOCK,
  type PageMessage,
  type WorkerMessage,
} from '../protocol/messages.js';
import type { WorkerApi } from '../protocol/worker-api.js';
import { failAfter, nextEvent } from './wait.js';
import { serviceWorkers } from './worker-registration.js';

/**
 * Longest wait until the worker takes up a call, in ms, before it is made again; a stopped worker starts within a second. One that is
 * stopped before it takes the call up has lost it, and no lock tells.
 */
const TAKE_UP_MS = 5_000;

/** Longest wait for an active worker to claim this page, in ms. */
const CLAIM_MS = 10_000;

/** How often the worker is told to claim this page, in ms: it may be stopped or replaced before it does. */
const CLAIM_AGAIN_MS = 1_000;

/** Interval of the messages that keep the worker running, in ms: browsers stop one that gets no event for 30 s. */
export const PING_MS = 10_000;

/** How often a call is made when the browser stops the worker before or during it. Every call may be repeated: see protocol/worker-api.ts. */
const ATTEMPTS = 3;

type Calls = { [M in keyof WorkerApi]: WorkerApi[M] };
/** Why a call has no answer. */
type Lost = 'worker-restarted' | 'worker-unreachable';
type Value<M extends keyof WorkerApi> = Awaited<ReturnType<Calls[M]>> extends Result<infer T> ? T : never;

/** One page's connection. */
export class Connection {
  readonly #register: () => Promise<ServiceWorkerRegistration>;
  readonly #container: () => ServiceWorkerContainer;
  readonly #locks: LockManager;
  readonly #href: string;
  #registration: Promise<ServiceWorkerRegistration> | undefined;
  /** Whether the worker has taken this page: see {@link controlled}. */
  isControlled = false;

  /**
   * @param register - Gives the registration that is to control this page, with an active worker. Called once.
   * @param container - Gives the browser's service workers; throws where there are none.
   * @param href - URL of this page.
   */
  constructor(
    register: () => Promise<ServiceWorkerRegistration>,
    container = serviceWorkers,
    locks = navigator.locks,
    href = location.href,
  ) {
    this.#register = register;
    this.#container = container;
    this.#locks = locks;
    this.#href = href;
  }

  /**
   * Resolves once the worker controls this page: from then on its requests are signed.
   *
   * @throws ConfigurationError, ConnectionError `page-uncontrolled`.
   */
  async controlled(): Promise<void> {
    const container = this.#container();
    const registration = await this.registration;
    // Until then, a worker of a wider scope may control the page.
    const isControlled = (): boolean =>
      container.controller !== null && container.controller === registration.active;
    if (!isControlled()) await this.#claim(container, registration, isControlled);
    this.isControlled = true;
  }

  /** On a first visit and after a hard reload, an active worker claims the page when it is told to. */
  async #claim(
    container: ServiceWorkerContainer,
    registration: ServiceWorkerRegistration,
    isControlled: () => boolean,
  ): Promise<void> {
    if (!this.#href.startsWith(registration.scope))
      throw identityError('page-uncontrolled', { scope: new URL(registration.scope).pathname });
    const over = new AbortController();
    const claim = (): void =>
      registration.active?.postMessage({
        type: 'identity:claim',
        version: PROTOCOL_VERSION,
      } satisfies PageMessage);
    const controlled = async (): Promise<void> => {
      while (!isControlled()) await nextEvent(container, 'controllerchange');
    };
    claim();
    const timer = setInterval(claim, CLAIM_AGAIN_MS);
    try {
      await Promise.race([controlled(), failAfter(CLAIM_MS, 'page-uncontrolled', over.signal)]);
    } finally {
      clearInterval(timer);
      over.abort();
    }
  }

  /** Calls the handler with every message of the worker that is meant for pages. */
  listen(handle: (message: WorkerMessage, port: MessagePort | undefined) => void): void {
    const container = this.#container();
    container.addEventListener('message', ({ data, source, ports }: MessageEvent<unknown>) => {
      // Only from this page's worker, of any version: other workers of the origin have sign-ins of their own.
      const { scriptURL } = (source ?? {}) as Partial<ServiceWorker>;
      const message = parseWorkerMessage(data);
      // The worker learns by it that this page cannot prompt.
      if (isForeignPrompt(data)) void this.ping();
      if (!message || scriptURL === undefined) return;
      void this.registration.then(({ scope, active, waiting, installing }) => {
        if (
          // Two apps of one origin may register the same script.
          (message.scope === undefined || message.scope === scope) &&
          [container.controller, active, waiting, installing].some(
            (worker) => worker?.scriptURL === scriptURL,
          )
        )
          handle(message, ports[0]);
      });
    });
    container.startMessages();
  }

  /**
   * Keeps the worker running while the user signs in: some browsers stop a worker without events, even while it holds requests.
   * Never rejects.
   */
  async ping(): Promise<void> {
    const worker = await this.#worker().catch(() => null);
    worker?.postMessage({ type: 'identity:ping', version: PROTOCOL_VERSION } satisfies PageMessage);
  }

  /** Keeps other pages from letting a new version of the worker in, until a sign-in of this page has ended. */
  delayUpdate(ended: Promise<unknown>): void {
    this.#locks.request(SIGN_IN_LOCK, { mode: 'shared' }, () => ended).catch(() => undefined);
  }

  /**
   * Calls a method of the worker.
   *
   * @throws IdentityError as the worker answered it; `worker-unreachable`, `worker-restarted`, `protocol-mismatch`.
   */
  async call<M extends keyof WorkerApi>(method: M, ...args: Parameters<Calls[M]>): Promise<Value<M>> {
    let failure: ErrorCode | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const result = await this.#callOnce(method, args);
      if (typeof result === 'string') failure = result;
      else if (result.ok) return result.value;
      else throw fromWireError(result.error);
    }
    throw identityError(failure ?? 'worker-restarted');
  }

  async #callOnce<M extends keyof WorkerApi>(
    method: M,
    args: Parameters<Calls[M]>,
  ): Promise<Result<Value<M>> | Lost> {
    const worker = await this.#worker();
    if (!worker) throw identityError('worker-missing');
    const { port1, port2 } = new MessageChannel();
    const over = new AbortController();
    try {
      const lock = Promise.race([lockOf(port1), failAfter(TAKE_UP_MS, 'worker-unreachable', over.signal)]);
      worker.postMessage({ type: 'identity:connect', version: PROTOCOL_VERSION } satisfies PageMessage, [
        port2,
      ]);
      const api = wrap<WorkerApi>(port1) as unknown as Record<
        M,
        (...args: unknown[]) => Promise<Result<Value<M>>>
      >;
      const result = api[method](...args);
      const taken = await lock.catch(() => undefined);
      return taken === undefined
        ? 'worker-unreachable'
        : await Promise.race([result, this.#stopped(taken, over.signal)]);
    } finally {
      over.abort();
      port1.close();
    }
  }

  /**
   * The registration that is to control this page.
   *
   * @throws ConfigurationError why there is none.
   */
  get registration(): Promise<ServiceWorkerRegistration> {
    return (this.#registration ??= this.#register());
  }

  async #worker(): Promise<ServiceWorker | null> {
    return this.#container().controller ?? (await this.registration).active;
  }

  /** Resolves when the worker that held the lock has ended: the port does not tell. */
  async #stopped(lock: string, signal: AbortSignal): Promise<Lost> {
    try {
      return await this.#locks.request(lock, { signal }, () => 'worker-restarted' as const);
    } catch {
      return new Promise(() => undefined);
    }
  }
}

/** The lock that the worker holds while it runs; the first message on the port names it. */
const lockOf = (port: MessagePort): Promise<string> =>
  new Promise((resolve) => {
    port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const ready = parsePortReady(data);
      if (ready) resolve(ready.lock);
    });
  });
