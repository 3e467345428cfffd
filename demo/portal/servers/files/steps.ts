// A body that continues on request, to prove that a client gets one chunk before the next is sent.

/** The open bodies of one portal. */
export class Steps {
  readonly #waiting = new Set<() => void>();

  /** Sends one line, and another for each call of {@link next}. */
  async *lines(count: number): AsyncGenerator<Uint8Array> {
    for (let n = 1; n <= count; n += 1) {
      yield Buffer.from(`line ${n}\n`);
      if (n < count) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Makes every open body send its next line. */
  next(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const goOn of waiting) goOn();
  }
}
