/** Nothing secret anywhere the page can look: S1, with a control that shows that the search would find it. */
import { expect, test, type Page } from './fixtures.js';

const query = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';

/** Everything that page script can read of its own storage, as text; binary values in all their bytes. */
const dumpStorage = async (): Promise<string> => {
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
const dumpGlobals = (): string => {
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

/** Keeps every message that the page gets from the worker. */
const keepMessages = (): void => {
  const kept: string[] = [];
  Object.assign(window, { kept });
  navigator.serviceWorker.addEventListener('message', ({ data }) => kept.push(JSON.stringify(data)));
  new BroadcastChannel('identity-worker:activity').addEventListener('message', ({ data }) =>
    kept.push(JSON.stringify(data)),
  );
};

test('no token, code, verifier or refresh token anywhere in the page, through a whole session', async ({
  app,
  portal,
}) => {
  const addresses: string[] = [];
  const note = (page: Page): void => void page.on('framenavigated', (frame) => addresses.push(frame.url()));
  app.page.context().on('page', note);
  await app.page.addInitScript(keepMessages);
  await app.open();
  const seen: unknown[] = [];

  // A challenge, an image, a form, an error, a refresh, a second error.
  const first = app.fetch(app.hosted(query));
  await app.fillIn(await app.answerDialog(), 'ana');
  seen.push(await first);
  await app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'));
  await app.loadImage(app.hosted('Terrain/MapServer/tile/1/1/1'), 'anonymous');
  seen.push(
    await app.fetch(app.hosted(query), {
      method: 'POST',
      body: 'f=json',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
  );
  seen.push(await app.fetch(app.federated(query)));
  portal.control.expireAccessTokens();
  seen.push(await app.fetch(app.hosted(query)));
  portal.control.expireAccessTokens();
  const repair = portal.control.fault('/oauth2/token', { status: 503 });
  seen.push(await app.fetch(app.hosted(query)));
  repair();
  seen.push(
    await app.run(async (url) => {
      const request = new XMLHttpRequest();
      request.open('GET', url);
      await new Promise((resolve) => {
        request.addEventListener('loadend', resolve);
        request.send();
      });
      return [request.responseURL, request.getAllResponseHeaders(), request.responseText];
    }, app.hosted(query)),
  );
  seen.push(
    await app.run(async () => {
      const wrong = await window.identity.setOAuthCodeForUrl('https://nobody.example', 'guess').catch(String);
      return [
        wrong,
        JSON.stringify(window.identity.credentials),
        await window.identity.signIn('https://nobody.example').catch(String),
      ];
    }),
  );

  const page = {
    answers: JSON.stringify(seen),
    messages: await app.run(() => JSON.stringify(Reflect.get(window, 'kept'))),
    globals: await app.run(dumpGlobals),
    storage: await app.run(dumpStorage),
    console: app.consoleLines.join('\n'),
  };
  expect(page.messages).toContain('identity:code-required');
  expect(page.storage).toContain('identity-worker://credentials');
  for (const [place, text] of Object.entries(page)) expect(portal.log.leaks(text), place).toEqual([]);

  // Control: the search does find what was once in an address, and what lies in a store in clear.
  expect(portal.log.leaks(addresses.join('\n'))).not.toEqual([]);
  const code =
    new URL(addresses.find((address) => address.includes('code=')) ?? '').searchParams.get('code') ?? '';
  await app.run((value) => {
    localStorage.setItem('control', value);
  }, code);
  expect(portal.log.leaks(await app.run(dumpStorage))).not.toEqual([]);
});
