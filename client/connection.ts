/** The page's connection to the worker: a Comlink port per call, so that a stopped worker breaks nothing. */
import { wrap } from 'comlink';
import { fromWireError, identityError, type Result } from '../protocol/errors.js';
import {
  parsePortReady,
  parseWorkerMessage,
  PROTOCOL_VERSION,
  type PageMessage,
  type WorkerMessage,
} from '../protocol/messages.js';
import type { WorkerApi } from '../protocol/worker-api.js';
import { serviceWorkers } from './worker-registration.js';

/** Longest wait until the worker takes up a call, in ms; a stopped worker starts within a second. */
const TAKE_UP_MS = 15_000;

/** Longest wait for an active worker to claim this page, in ms. */
const CLAIM_MS = 10_000;

/** Interval of the messages that keep the worker running, in ms: browsers stop one that gets no event for 30 s. */
export const PING_MS = 10_000;

/** How often a call is made when the browser stops the worker during it. Every call may be repeated: see protocol/worker-api.ts. */
const ATTEMPTS = 3;

type Calls = { [M in keyof WorkerApi]: WorkerApi[M] };
type Value<M extends keyof WorkerApi> = Awaited<ReturnType<Calls[M]>> extends Result<infer T> ? T : never;

/** One page's connection. */
export class Connection {
  #registration: Promise<ServiceWorkerRegistration> | undefined;

  /**
   * @param register - Gives the registration that is to control this page, with an active worker. Called once.
   * @param container - Gives the browser's service workers; throws where there are none.
   * @param href - URL of this page.
   */
  constructor(
    private readonly register: () => Promise<ServiceWorkerRegistration>,
    private readonly container = serviceWorkers,
    private readonly locks = navigator.locks,
    private readonly href = location.href,
  ) {}

  /**
   * Resolves once the worker controls this page: from then on its requests are signed.
   *
   * @throws ConfigurationError, ConnectionError `page-uncontrolled`.
   */
  async controlled(): Promise<void> {
    const container = this.container();
    const registration = await this.#active();
    // Until then, a worker of a wider scope may control the page.
    const isControlled = (): boolean =>
      container.controller !== null && container.controller === registration.active;
    if (isControlled()) return;
    if (!this.href.startsWith(registration.scope))
      throw identityError('page-uncontrolled', { scope: new URL(registration.scope).pathname });
    await new Promise<void>((resolve, reject) => {
      const over = new AbortController();
      const timer = setTimeout(() => {
        over.abort();
        reject(identityError('page-uncontrolled', {}));
      }, CLAIM_MS);
      const look = (): void => {
        if (!isControlled()) return;
        over.abort();
        clearTimeout(timer);
        resolve();
      };
      // On a first visit and after a hard reload, an active worker claims the page when it is told to.
      const claim = (): void => {
        const { active } = registration;
        // A worker that is replaced before the message arrives can no longer claim: tell its successor.
        active?.addEventListener('statechange', () => active.state === 'redundant' && claim(), over);
        active?.postMessage({ type: 'identity:claim', version: PROTOCOL_VERSION } satisfies PageMessage);
      };
      container.addEventListener('controllerchange', look, over);
      claim();
      look();
    });
  }

  /** Calls the handler with every message of the worker that is meant for pages. */
  listen(handle: (message: WorkerMessage) => void): void {
    const container = this.container();
    container.addEventListener('message', ({ data, source }: MessageEvent<unknown>) => {
      // Only from this page's worker, of any version: other workers of the origin have sign-ins of their own.
      const { scriptURL } = (source ?? {}) as Partial<ServiceWorker>;
      const message = parseWorkerMessage(data);
      if (!message || scriptURL === undefined) return;
      void this.#active().then(({ active, waiting, installing }) => {
        if (
          [container.controller, active, waiting, installing].some(
            (worker) => worker?.scriptURL === scriptURL,
          )
        )
          handle(message);
      });
    });
    container.startMessages();
  }

  /** Keeps the worker running while the user signs in: some browsers stop a worker without events, even while it holds requests. */
  async ping(): Promise<void> {
    (await this.#worker())?.postMessage({
      type: 'identity:ping',
      version: PROTOCOL_VERSION,
    } satisfies PageMessage);
  }

  /**
   * Calls a method of the worker.
   *
   * @throws IdentityError as the worker answered it; `worker-unreachable`, `worker-restarted`, `protocol-mismatch`.
   */
  async call<M extends keyof WorkerApi>(method: M, ...args: Parameters<Calls[M]>): Promise<Value<M>> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const result = await this.#callOnce(method, args);
      if (result === 'stopped') continue;
      if (result.ok) return result.value;
      throw fromWireError(result.error);
    }
    throw identityError('worker-restarted');
  }

  async #callOnce<M extends keyof WorkerApi>(
    method: M,
    args: Parameters<Calls[M]>,
  ): Promise<Result<Value<M>> | 'stopped'> {
    const worker = await this.#worker();
    if (!worker) throw identityError('worker-missing');
    const { port1, port2 } = new MessageChannel();
    const over = new AbortController();
    try {
      const lock = portReady(port1);
      worker.postMessage({ type: 'identity:connect', version: PROTOCOL_VERSION } satisfies PageMessage, [
        port2,
      ]);
      const api = wrap<WorkerApi>(port1) as unknown as Record<
        M,
        (...args: unknown[]) => Promise<Result<Value<M>>>
      >;
      const result = api[method](...args);
      return await Promise.race([result, this.#stopped(await lock, over.signal)]);
    } finally {
      over.abort();
      port1.close();
    }
  }

  /**
   * The registration, or `undefined` while the worker is being registered.
   *
   * @throws ConfigurationError why there is none.
   */
  registrationNow(): Promise<ServiceWorkerRegistration | undefined> {
    const later = new Promise<undefined>((resolve) => setTimeout(resolve));
    return Promise.race([this.#active(), later]);
  }

  async #worker(): Promise<ServiceWorker | null> {
    return this.container().controller ?? (await this.#active()).active;
  }

  #active(): Promise<ServiceWorkerRegistration> {
    this.#registration ??= this.register();
    return this.#registration;
  }

  /** Resolves when the worker that held the lock has ended: the port does not tell. */
  async #stopped(lock: string, signal: AbortSignal): Promise<'stopped'> {
    try {
      return await this.locks.request(lock, { signal }, () => 'stopped' as const);
    } catch {
      return new Promise(() => undefined);
    }
  }
}

/** The lock that the worker holds while it runs; the first message on the port names it. */
function portReady(port: MessagePort): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(identityError('worker-unreachable')), TAKE_UP_MS);
    port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const ready = parsePortReady(data);
      if (!ready) return;
      clearTimeout(timer);
      resolve(ready.lock);
    });
  });
}
