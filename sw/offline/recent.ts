/** Values of limited size by key: what was used least lately goes first. */
export class Recent<V extends { readonly size: number }> {
  readonly #values = new Map<string, V>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** A value, which counts as used. */
  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value) this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.delete(key);
    this.#values.set(key, value);
    this.#bytes += value.size;
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#values.get(key)?.size ?? 0;
    this.#values.delete(key);
  }

  /** Deletes the values that are not to be kept. */
  filter(isKept: (value: V) => boolean): void {
    for (const [key, value] of this.#values) if (!isKept(value)) this.delete(key);
  }
}
