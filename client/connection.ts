/** The page's line to the worker: a Comlink port per call, so that a stopped worker breaks nothing. */
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
import { activeRegistration, serviceWorkers, type WorkerSource } from './worker-registration.js';

/** Longest wait for the worker to take up a call, in ms; a stopped worker starts within a second. */
const TAKE_UP_MS = 15_000;

/** Longest wait for an active worker to claim this page, in ms. */
const CLAIM_MS = 10_000;

/** How often the worker is told that it is still needed, in ms: browsers stop one that hears nothing for 30 s and more. */
export const PING_MS = 10_000;

/** How often a call is made when the worker is stopped in the middle. Every call may be repeated: see protocol/worker-api.ts. */
const ATTEMPTS = 3;

type Calls = { [M in keyof WorkerApi]: WorkerApi[M] };
type Value<M extends keyof WorkerApi> = Awaited<ReturnType<Calls[M]>> extends Result<infer T> ? T : never;

/** One page's connection. */
export class Connection {
  #registration: Promise<ServiceWorkerRegistration> | undefined;

  constructor(private readonly source: WorkerSource) {}

  /**
   * Resolves once the worker controls this page: from then on its requests are signed.
   *
   * @throws ConfigurationError, ConnectionError `page-uncontrolled`.
   */
  async controlled(): Promise<void> {
    const container = serviceWorkers();
    const registration = await this.#active();
    // A worker of a wider scope may control the page until its own one takes it.
    const isControlled = (): boolean =>
      container.controller !== null && container.controller === registration.active;
    if (isControlled()) return;
    if (!location.href.startsWith(registration.scope))
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
      // First visit and hard reload alike: an active worker takes the page when it is told to.
      const claim = (): void => {
        const { active } = registration;
        // One that is replaced before it hears of it may claim nothing: its successor is told.
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
    const container = serviceWorkers();
    container.addEventListener('message', ({ data, source }: MessageEvent<unknown>) => {
      // Only this page's worker, old or new: another one of the origin has other sign-ins to tell of.
      if (!(source instanceof ServiceWorker)) return;
      const message = parseWorkerMessage(data);
      if (!message) return;
      void this.#active().then(({ active, waiting, installing }) => {
        if (
          [container.controller, active, waiting, installing].some(
            (worker) => worker?.scriptURL === source.scriptURL,
          )
        )
          handle(message);
      });
    });
    container.startMessages();
  }

  /** Keeps the worker alive while a person signs in: some browsers stop one that hears nothing, held requests or not. */
  async ping(): Promise<void> {
    (await this.#worker())?.postMessage({
      type: 'identity:ping',
      version: PROTOCOL_VERSION,
    } satisfies PageMessage);
  }

  /**
   * Calls a method of the worker.
   *
   * @throws IdentityError what the worker answered; `worker-unreachable`, `worker-restarted`, `protocol-mismatch`.
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
      return await Promise.race([result, stopped(await lock, over.signal)]);
    } finally {
      over.abort();
      port1.close();
    }
  }

  /**
   * The registration, or `undefined` while it is on its way.
   *
   * @throws ConfigurationError why there is none.
   */
  registrationNow(): Promise<ServiceWorkerRegistration | undefined> {
    const later = new Promise<undefined>((resolve) => setTimeout(resolve));
    return Promise.race([this.#active(), later]);
  }

  async #worker(): Promise<ServiceWorker | null> {
    return serviceWorkers().controller ?? (await this.#active()).active;
  }

  #active(): Promise<ServiceWorkerRegistration> {
    this.#registration ??= activeRegistration(this.source);
    return this.#registration;
  }
}

/** The lock that the worker holds while it lives; the first message on the port names it. */
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

/** Resolves when the worker that held the lock is gone: a port gives no sign of it. */
async function stopped(lock: string, signal: AbortSignal): Promise<'stopped'> {
  try {
    return await navigator.locks.request(lock, { signal }, () => 'stopped' as const);
  } catch {
    return new Promise(() => undefined);
  }
}
