// A body that goes on when it is told to: a client can prove that it saw one chunk before the next was sent.

/** The bodies that wait, of one portal. */
export class Steps {
  readonly #waiting = new Set<() => void>();

  /** Sends one line; the others follow, one for each call of {@link next}. */
  async *lines(count: number): AsyncGenerator<Uint8Array> {
    for (let n = 1; n <= count; n += 1) {
      yield Buffer.from(`line ${n}\n`);
      if (n < count) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Lets every waiting body send its next line. */
  next(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const goOn of waiting) goOn();
  }
}
