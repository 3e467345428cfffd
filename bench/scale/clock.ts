/** A virtual clock that jumps from event to event. Code takes no time on it. */

/** Events happen in steps of this many ms. What an event schedules happens in a later step. */
const STEP_MS = 50;

type Work = () => void;

export class Clock {
  readonly #steps = new Map<number, Work[]>();
  /** Steps with work, as a binary heap. */
  readonly #heap: number[] = [];
  #step: number;

  /** @param nowMs - Start, in ms since the epoch. */
  constructor(nowMs: number) {
    this.#step = Math.floor(nowMs / STEP_MS);
    this.#nowMs = nowMs;
  }

  #nowMs: number;

  now(): number {
    return this.#nowMs;
  }

  /** Schedules work at an instant, or in the next step where that has passed. */
  at(atMs: number, work: Work): void {
    const step = Math.max(this.#step + 1, Math.ceil(atMs / STEP_MS));
    const known = this.#steps.get(step);
    if (known) {
      known.push(work);
      return;
    }
    this.#steps.set(step, [work]);
    this.#push(step);
  }

  wait(forMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.now() + forMs, resolve);
    });
  }

  /** Runs until an instant. Promises settle before each next step. */
  async runUntil(endMs: number): Promise<void> {
    for (let step = this.#heap[0]; step !== undefined && step * STEP_MS < endMs; step = this.#heap[0]) {
      this.#pop();
      this.#step = step;
      const works = this.#steps.get(step) ?? [];
      this.#steps.delete(step);
      this.#nowMs = step * STEP_MS;
      for (const work of works) work();
      await new Promise(setImmediate);
    }
    this.#nowMs = endMs;
  }

  #push(step: number): void {
    const heap = this.#heap;
    let at = heap.push(step) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] ?? 0) <= step) break;
      heap[at] = heap[parent] ?? 0;
      at = parent;
    }
    heap[at] = step;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if ((heap[child + 1] ?? Infinity) < (heap[child] ?? Infinity)) child += 1;
      if ((heap[child] ?? Infinity) >= last) break;
      heap[at] = heap[child] ?? 0;
      at = child;
    }
    heap[at] = last;
  }
}
