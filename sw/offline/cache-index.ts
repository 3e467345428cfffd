/** What is in a cache, in the order of its use: what is missing is not looked up, and what was used least lately goes first. */
import { cacheAnswer } from './cache-answer.js';

/** The entries of one cache. */
interface Entries {
  /** Bytes by address, in the order of use. */
  readonly sizes: Map<string, number>;
  bytes: number;
}

/** What entries are known by: an address without its fragment. */
export const keyOf = ({ url }: Pick<Request, 'url'>): string => url.split('#', 1)[0] ?? url;

/** The entries of caches whose keys say, in a header, how long the bodies are: no answer has to be opened for its length. */
export class CacheIndex {
  readonly #loading = new Map<string, Promise<Entries>>();
  readonly #loaded = new Map<string, Entries>();
  readonly #sizeHeader: string;
  readonly #maxBytes: number;
  readonly #maxEntries: number;

  /** @param sizeHeader - Header of a key whose last word is the length of the body, in bytes. */
  constructor(sizeHeader: string, maxBytes: number, maxEntries: number) {
    this.#sizeHeader = sizeHeader;
    this.#maxBytes = maxBytes;
    this.#maxEntries = maxEntries;
  }

  /** Whether a cache is known not to have an entry. Synchronous. */
  lacks(cacheName: string, request: Request): boolean {
    return this.#loaded.get(cacheName)?.sizes.has(keyOf(request)) === false;
  }

  /** Notes that an entry was used. */
  touch(cacheName: string, request: Request): void {
    const sizes = this.#loaded.get(cacheName)?.sizes;
    const key = keyOf(request);
    const size = sizes?.get(key);
    if (size === undefined) return;
    sizes?.delete(key);
    sizes?.set(key, size);
  }

  /** Notes an entry that was written, and deletes what is too much. */
  async add(cacheName: string, request: Request, size: number): Promise<void> {
    const entries = await this.#entriesOf(cacheName);
    forget(entries, keyOf(request));
    entries.sizes.set(keyOf(request), size);
    entries.bytes += size;
    await this.#trim(cacheName, entries);
  }

  /** Deletes an entry. */
  async remove(cacheName: string, request: Request): Promise<void> {
    const entries = await this.#entriesOf(cacheName);
    forget(entries, keyOf(request));
    await cacheAnswer(async () =>
      (await caches.open(cacheName)).delete(keyOf(request), { ignoreVary: true }),
    );
  }

  /** Deletes half of what there is: there is no more room. */
  async halve(cacheName: string): Promise<void> {
    const entries = await this.#entriesOf(cacheName);
    await this.#trim(cacheName, entries, entries.bytes / 2);
  }

  async #trim(cacheName: string, entries: Entries, maxBytes = this.#maxBytes): Promise<void> {
    const isTooMuch = (): boolean => entries.bytes > maxBytes || entries.sizes.size > this.#maxEntries;
    if (!isTooMuch()) return;
    const cache = await cacheAnswer(() => caches.open(cacheName));
    for (const key of entries.sizes.keys()) {
      if (!isTooMuch()) return;
      forget(entries, key);
      await cacheAnswer(() => cache.delete(key, { ignoreVary: true }));
    }
  }

  #entriesOf(cacheName: string): Promise<Entries> {
    const known = this.#loading.get(cacheName);
    if (known) return known;
    const loading = this.#load(cacheName);
    this.#loading.set(cacheName, loading);
    // Another attempt is the next write's.
    loading.catch(() => this.#loading.delete(cacheName));
    return loading;
  }

  async #load(cacheName: string): Promise<Entries> {
    const entries: Entries = { sizes: new Map(), bytes: 0 };
    const keys = await cacheAnswer(async () => (await caches.open(cacheName)).keys());
    for (const key of keys) {
      const size = Number(key.headers.get(this.#sizeHeader)?.split(' ').at(-1) ?? 0) || 0;
      forget(entries, keyOf(key));
      entries.sizes.set(keyOf(key), size);
      entries.bytes += size;
    }
    this.#loaded.set(cacheName, entries);
    return entries;
  }
}

function forget(entries: Entries, key: string): void {
  entries.bytes -= entries.sizes.get(key) ?? 0;
  entries.sizes.delete(key);
}
