/** Values that are believed for a limited time. A clock that is set back ends the belief instead of prolonging it. */
export class ExpiringMap<K, V> {
  readonly #entries = new Map<K, { readonly value: V; readonly atMs: number; readonly forMs: number }>();
  readonly #lifeMs: number;
  readonly #now: () => number;

  /**
   * @param lifeMs - How long a value is believed, in ms, where `set` does not say.
   * @param now - The clock, in ms since the epoch.
   */
  constructor(lifeMs: number, now: () => number = () => Date.now()) {
    this.#lifeMs = lifeMs;
    this.#now = now;
  }

  set(key: K, value: V, forMs = this.#lifeMs): void {
    this.#entries.set(key, { value, atMs: this.#now(), forMs });
  }

  /** The value, or `undefined` where there is none or its time is over. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    const ageMs = this.#now() - (entry?.atMs ?? 0);
    return entry && ageMs >= 0 && ageMs < entry.forMs ? entry.value : undefined;
  }

  /** The value whether or not its time is over. */
  last(key: K): V | undefined {
    return this.#entries.get(key)?.value;
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  keys(): IterableIterator<K> {
    return this.#entries.keys();
  }
}
