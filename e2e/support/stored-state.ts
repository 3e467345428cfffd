/** What page script can do with the worker's databases. Each function runs in the page and uses nothing from outside of it. */

/**
 * Reads every database of the origin, and decrypts every ciphertext with every key that lies there, knowing the code of the
 * worker.
 *
 * @returns A text a value: `a sealed record` for each ciphertext, and what was decrypted.
 */
export async function openStored(): Promise<string> {
  const found: string[] = [];
  for (const { name = '' } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(new Error('no database')));
    });
    const values: { key: IDBValidKey; value: unknown }[] = [];
    for (const store of db.objectStoreNames) {
      const cursor = db.transaction(store).objectStore(store).openCursor();
      await new Promise<void>((resolve) => {
        cursor.addEventListener('success', () => {
          if (!cursor.result) return resolve();
          values.push({ key: cursor.result.primaryKey, value: cursor.result.value });
          cursor.result.continue();
        });
      });
    }
    db.close();
    const keys = values.flatMap(({ value }) => (value instanceof CryptoKey ? value : []));
    for (const { key: id, value } of values) {
      const { iv, data } = (value ?? {}) as { iv?: Uint8Array<ArrayBuffer>; data?: ArrayBuffer };
      if (!iv || !data) continue;
      found.push('a sealed record');
      const additionalData = new TextEncoder().encode(`state ${JSON.stringify(id).slice(1, -1)}`);
      for (const key of keys) {
        const bytes = await crypto.subtle
          .decrypt({ name: 'AES-GCM', iv, additionalData }, key, data)
          .catch(() => undefined);
        if (bytes) found.push(new TextDecoder().decode(bytes));
      }
    }
  }
  return found.join('\n');
}

/** Keeps a copy of all that is stored, for {@link putBack}. */
export async function copyStored(): Promise<number> {
  const copies: { name: string; store: string; key: IDBValidKey; value: unknown }[] = [];
  for (const { name = '' } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.addEventListener('success', () => resolve(request.result));
    });
    for (const store of db.objectStoreNames) {
      const cursor = db.transaction(store).objectStore(store).openCursor();
      await new Promise<void>((resolve) => {
        cursor.addEventListener('success', () => {
          if (!cursor.result) return resolve();
          copies.push({ name, store, key: cursor.result.primaryKey, value: cursor.result.value });
          cursor.result.continue();
        });
      });
    }
    db.close();
  }
  Reflect.set(window, 'copies', copies);
  return copies.length;
}

/** Puts back what {@link copyStored} has copied; what came since then goes, in Cache Storage too. */
export async function putBack(): Promise<void> {
  for (const name of await caches.keys()) await caches.delete(name);
  const copies = Reflect.get(window, 'copies') as {
    name: string;
    store: string;
    key: IDBValidKey;
    value: unknown;
  }[];
  for (const { name = '' } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.addEventListener('success', () => resolve(request.result));
    });
    const tx = db.transaction(db.objectStoreNames, 'readwrite');
    for (const store of db.objectStoreNames) tx.objectStore(store).clear();
    for (const copy of copies) if (copy.name === name) tx.objectStore(copy.store).put(copy.value, copy.key);
    await new Promise((resolve) => tx.addEventListener('complete', resolve));
    db.close();
  }
}

/**
 * Writes the state of the level `persistent` anew, encrypted with the key that lies beside it.
 *
 * @param script - Source of a function that is given the state and returns another one.
 */
export async function forgeState(script: string): Promise<void> {
  // oxlint-disable-next-line no-eval -- hostile script of the page, which takes its argument as text
  const forge = (0, eval)(`(${script})`) as (state: Record<string, unknown[]>) => unknown;
  const name = 'identity-worker:/';
  const db = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(name);
    request.addEventListener('success', () => resolve(request.result));
  });
  const get = (store: string, id: string): Promise<never> =>
    new Promise((resolve) => {
      const request = db.transaction(store).objectStore(store).get(id);
      request.addEventListener('success', () => resolve(request.result as never));
    });
  const key: CryptoKey = await get('keys', 'encryption');
  const { iv, data } = (await get('states', 'persistent')) as { iv: BufferSource; data: BufferSource };
  const additionalData = new TextEncoder().encode('state persistent');
  const open = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, data);
  const state = JSON.parse(new TextDecoder().decode(open)) as Record<string, unknown[]>;
  const fresh = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(forge(state)));
  const closed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: fresh, additionalData }, key, text);
  const tx = db.transaction('states', 'readwrite');
  tx.objectStore('states').put({ iv: fresh, data: closed }, 'persistent');
  await new Promise((resolve) => tx.addEventListener('complete', resolve));
  db.close();
}

/** Holds a transaction that writes open on every store of the worker's database, until the page goes. */
export async function lockStores(): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open('identity-worker:/');
    request.addEventListener('success', () => resolve(request.result));
  });
  const tx = db.transaction(db.objectStoreNames, 'readwrite');
  const [store = ''] = db.objectStoreNames;
  await new Promise<void>((resolve) => {
    const hold = (): void => {
      const request = tx.objectStore(store).get('none');
      request.addEventListener('success', () => {
        resolve();
        hold();
      });
    };
    hold();
  });
}
