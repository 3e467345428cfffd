/** One run of saving: asks the worker for every address, a few at a time, and counts. */
import type { AreaRecord } from '../../protocol/areas.js';
import { isIdentityError, type ErrorCode } from '../../protocol/errors.js';
import type { AddressGroup } from './addresses.js';
import { callWorker, keepResponse } from './worker-calls.js';

/** Failures of single addresses after which the rest is not tried: the network or the server is at fault, not the address. */
const MAX_FAILURES = 8;

/** How often the number of kept responses is stored, in ms: for the list, after the browser has ended in between. */
const STORE_MS = 2_000;

/** Failures that concern one address only. */
const ofOneAddress: readonly ErrorCode[] = ['answer-unusable', 'save-interrupted'];

/** Keeps the addresses of one area. */
export class Saving {
  #record: AreaRecord;
  #failures: unknown[] = [];
  #storedAt = Date.now();

  constructor(
    record: AreaRecord,
    private readonly groups: readonly AddressGroup[],
    private readonly onProgress: (record: AreaRecord) => void,
  ) {
    const requests = groups.reduce((sum, { count }) => sum + count, 0);
    // What is kept already is counted again as the worker skips it.
    this.#record = { ...record, requests, kept: 0, bytes: 0, isComplete: false };
  }

  /**
   * @param isNew - Whether the area is not stored yet.
   * @param concurrency - Requests at a time.
   * @returns The complete record.
   * @throws The first failure, once the other addresses are kept, or too many have failed; the reason of the signal.
   */
  async run(isNew: boolean, concurrency: number, signal: AbortSignal | undefined): Promise<AreaRecord> {
    const stop = new AbortController();
    const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const addresses = each(this.groups);
    try {
      await callWorker({ type: 'write', record: this.#record, isNew });
      const all = Array.from({ length: concurrency }, () => this.#work(addresses, both));
      // One that fails stops the others; nothing is written behind the end.
      for (const work of all) work.catch(() => stop.abort());
      try {
        await Promise.all(all);
      } finally {
        await Promise.allSettled(all);
      }
    } catch (error) {
      // Full storage would keep the worker from storing renewed tokens.
      const isFull = isIdentityError(error) && error.code === 'quota-insufficient';
      const end = isFull ? callWorker({ type: 'remove', id: this.#record.id }) : this.#store();
      // Where storage fails, the list lags behind what is kept; where it was cleared, that is why.
      const failure: unknown = await end.catch((failed: unknown) => failed);
      signal?.throwIfAborted();
      throw isIdentityError(failure) && failure.code === 'area-lost' ? failure : error;
    }
    const isComplete = this.#failures.length === 0;
    this.#record = { ...this.#record, isComplete };
    await this.#store();
    if (!isComplete) throw this.#failures[0];
    return this.#record;
  }

  async #work(addresses: Iterator<string>, signal: AbortSignal): Promise<void> {
    for (let next = addresses.next(); !next.done; next = addresses.next()) {
      signal.throwIfAborted();
      try {
        this.#count(await keepResponse(this.#record.id, next.value, signal));
      } catch (error) {
        if (!isIdentityError(error) || !ofOneAddress.includes(error.code)) throw error;
        this.#failures.push(error);
        if (this.#failures.length >= MAX_FAILURES) throw this.#failures[0];
      }
      if (Date.now() - this.#storedAt >= STORE_MS) await this.#store();
    }
  }

  #count(bytes: number): void {
    this.#record = { ...this.#record, kept: this.#record.kept + 1, bytes: this.#record.bytes + bytes };
    this.onProgress(this.#record);
  }

  async #store(): Promise<void> {
    this.#storedAt = Date.now();
    await callWorker({ type: 'write', record: this.#record, isNew: false });
  }
}

function* each(groups: readonly AddressGroup[]): Generator<string, undefined> {
  for (const { count, at } of groups) for (let index = 0; index < count; index++) yield at(index);
  return undefined;
}
