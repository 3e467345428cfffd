/** Page code that reads everything there is to read: run it in a page, and look for secrets in what it gives. */

/** Everything that page script can read of its own storage, as text; binary values in all their bytes. */
export const dumpStorage = async (): Promise<string> => {
  const seen = new Set<unknown>();
  const text = (value: unknown): string => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      const bytes =
        value instanceof ArrayBuffer
          ? new Uint8Array(value)
          : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return String.fromCharCode(...bytes);
    }
    if (typeof value !== 'object' || value === null) return String(value);
    if (seen.has(value)) return '';
    seen.add(value);
    return Object.entries(value)
      .map(([key, inner]) => `${key}=${text(inner)}`)
      .join('\n');
  };
  const parts = [document.cookie, text(Object.entries(localStorage)), text(Object.entries(sessionStorage))];
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name ?? '');
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(new Error('open')));
    });
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store).getAll();
      await new Promise((resolve) => all.addEventListener('success', resolve));
      parts.push(`${name}/${store}: ${all.result.map(text).join('\n')}`);
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys())
      parts.push(request.url, [...request.headers].join(), await (await cache.match(request))!.text());
  }
  return parts.join('\n');
};

/** Everything on the window, as far as it goes without getters that throw. */
export const dumpGlobals = (): string => {
  const seen = new Set<unknown>();
  const walk = (value: unknown, depth: number): string => {
    if (typeof value === 'string') return value;
    if (
      (typeof value !== 'object' && typeof value !== 'function') ||
      value === null ||
      depth > 5 ||
      seen.has(value)
    )
      return '';
    seen.add(value);
    return Reflect.ownKeys(value)
      .map((key) => {
        try {
          return walk(Reflect.get(value, key), depth + 1);
        } catch {
          return '';
        }
      })
      .join('\n');
  };
  return [
    walk(window, 0),
    document.documentElement.outerHTML,
    JSON.stringify(performance.getEntries()),
    location.href,
    document.referrer,
  ].join('\n');
};
