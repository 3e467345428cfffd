/** Turns the tracing of requests on and off; what does the work is loaded when it is turned on. */
import type { Connection } from './connection.js';
import { RequestTracedEvent } from './events.js';
import { explained, loadChunk } from './lazy.js';

/** `IdentityManager.trace`. */
export class RequestTracing {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #page: EventTarget & { readonly ready: Promise<void> };
  #running: Promise<() => Promise<void>> | undefined;

  /** @internal @param page - The IdentityManager. */
  constructor(connection: Pick<Connection, 'call'>, page: EventTarget & { readonly ready: Promise<void> }) {
    this.#connection = connection;
    this.#page = page;
  }

  /**
   * From when it resolves, every request that the worker sees is told by the event `request-traced`, and by a measure of User Timing.
   * It goes on after a stop of the worker and under a new version of it, until {@link stop} or the end of this page.
   *
   * @throws ConfigurationError `part-missing` where the worker has no `tracing()`, and what `IdentityManager.ready` rejects with.
   * @see W3C User Timing, `performance.measure`
   */
  async start(): Promise<void> {
    const running = (this.#running ??= explained(this.#run()));
    try {
      await running;
    } catch (error) {
      if (this.#running === running) this.#running = undefined;
      throw error;
    }
  }

  /** Ends it; never rejects. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.then(
      (end) => end(),
      () => undefined,
    );
  }

  async #run(): Promise<() => Promise<void>> {
    await this.#page.ready;
    const { traceRequests } = await loadChunk('tracing');
    return traceRequests(this.#connection, (traced) =>
      this.#page.dispatchEvent(new RequestTracedEvent(traced)),
    );
  }
}
