/** When answers are written: not while a page waits for more of them, which would take longer. */

/** No request for so long is a quiet time, in ms. */
const QUIET_MS = 200;

/** Longest wait for one, in ms: a page may never be quiet. */
const MAX_WAIT_MS = 3_000;

/** What may wait in memory, in bytes. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** The next quiet time. */
export class QuietTime {
  #endedAtMs = 0;
  #waitingBytes = 0;
  #next: Promise<void> | undefined;

  /** A request has come. */
  end(): void {
    this.#endedAtMs = performance.now();
  }

  /** Resolves when it begins; at once where too much waits for it already. */
  async begin(bytes: number): Promise<void> {
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) return;
    this.#waitingBytes += bytes;
    this.#next ??= this.#wait();
    await this.#next;
    this.#waitingBytes -= bytes;
  }

  async #wait(): Promise<void> {
    const startedAtMs = performance.now();
    let nowMs = startedAtMs;
    while (nowMs - this.#endedAtMs < QUIET_MS && nowMs - startedAtMs < MAX_WAIT_MS) {
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      nowMs = performance.now();
    }
    this.#next = undefined;
  }
}
