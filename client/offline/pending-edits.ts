/** What a page knows of edits that wait for the network, and what its user can do about them. */
import { EDITS_CHANNEL, type EditReport, type EditsCall } from '../../protocol/edits.js';
import { fromWireError, identityError, type IdentityError, type Result } from '../../protocol/errors.js';
import { PROTOCOL_VERSION } from '../../protocol/messages.js';
import { explain, explained } from '../lazy.js';
import { serviceWorkers } from '../worker-registration.js';

/** Longest wait for an answer of the worker, in ms. It is asked once more then: the browser may have stopped it. */
const ANSWER_MS = 10_000;

/** Pauses before edits are tried again once the browser says that it has a network, which may take a while to work. In ms. */
const PAUSES_MS = [0, 2_000, 8_000, 30_000];

/** An edit that waits. */
export interface PendingEdit extends Omit<EditReport, 'error'> {
  /** Why it waits, where that is not just the network. */
  readonly error?: IdentityError;
}

/**
 * The edits that the worker's queues (`EditQueue`) keep. The event `change` says that they are others, or wait for another
 * reason: call {@link list} again.
 *
 * @example
 * const edits = new PendingEdits();
 * edits.addEventListener('change', async () => show(await edits.list()));
 */
export class PendingEdits extends EventTarget {
  readonly #container: ServiceWorkerContainer;
  readonly #channel = new BroadcastChannel(EDITS_CHANNEL);
  readonly #over = new AbortController();
  #listed: Promise<unknown> = Promise.resolve();
  /** Asked for, and not begun. */
  #nextList: Promise<readonly PendingEdit[]> | undefined;

  /** @param container - Gives the worker. */
  constructor(container = serviceWorkers()) {
    super();
    this.#container = container;
    this.#channel.addEventListener('message', () => this.dispatchEvent(new Event('change')));
    // Browsers without Background Sync do not tell the worker, and those with it take minutes to try again.
    addEventListener('online', () => void this.#sendOnline(), this.#over);
  }

  /**
   * The edits of this app that wait, in the order in which they are sent. Of other users' there is the name only. Calls are answered
   * one after the other: the last answer is the newest.
   *
   * @throws ConnectionError `worker-unreachable`.
   */
  list(): Promise<readonly PendingEdit[]> {
    if (this.#nextList) return this.#nextList;
    const list = this.#listed.then(() => {
      this.#nextList = undefined;
      return explained(this.#list());
    });
    this.#nextList = list;
    this.#listed = list.catch(() => undefined);
    return list;
  }

  /**
   * Has refused edits of the user who is signed in sent again, and tries those that wait for the network.
   *
   * @param id - One of the refused; without, all of them.
   * @throws ConnectionError `worker-unreachable`.
   */
  async retry(id?: string): Promise<void> {
    await explained(this.#call('retry', id));
  }

  /**
   * Removes an edit for good. Only the user who made it can do so.
   *
   * @throws ChallengeError `edit-of-other-user`, `edit-waits-for-sign-in`; ConnectionError `worker-unreachable`.
   */
  async discard(id: string): Promise<void> {
    await explained(this.#call('discard', id));
  }

  /** Ends the events. */
  close(): void {
    this.#channel.close();
    this.#over.abort();
  }

  async #sendOnline(): Promise<void> {
    for (const pauseMs of PAUSES_MS) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (this.#over.signal.aborted || !navigator.onLine) return;
      // The worker answers before it sends: a list without them tells that it has sent all that waited for the network.
      const edits = await this.#call('send').catch(() => undefined);
      if (edits?.every(({ state }) => state !== 'queued')) return;
    }
  }

  async #list(): Promise<readonly PendingEdit[]> {
    return Promise.all(
      (await this.#call('list')).map(async ({ error, ...edit }) => ({
        ...edit,
        ...(error && { error: await explain(fromWireError(error)) }),
      })),
    );
  }

  async #call(action: EditsCall['action'], id?: string): Promise<readonly EditReport[]> {
    const call: EditsCall = {
      type: 'identity:edits',
      version: PROTOCOL_VERSION,
      action,
      ...(id === undefined ? {} : { id }),
    };
    const result = (await this.#ask(call)) ?? (await this.#ask(call));
    if (!result) throw identityError('worker-unreachable');
    if (!result.ok) throw fromWireError(result.error);
    return result.value;
  }

  /** @returns `undefined` where no answer came. */
  async #ask(call: EditsCall): Promise<Result<readonly EditReport[]> | undefined> {
    const worker = this.#container.controller ?? (await this.#container.ready).active;
    const { port1, port2 } = new MessageChannel();
    try {
      return await new Promise((resolve) => {
        setTimeout(resolve, ANSWER_MS, undefined);
        port1.addEventListener('message', ({ data }) => resolve(data as Result<readonly EditReport[]>));
        port1.start();
        worker?.postMessage(call, [port2]);
      });
    } finally {
      port1.close();
    }
  }
}
