/** Hostile script registers a service worker of its own, from an address of the origin that serves what the attacker wrote. */
import { expect, signedIn, test, type TestApp, type Variation } from '../support/attack.js';
import { aCount, countQuery } from '../support/services.js';
import { authorize, ownRequest, redeem } from '../support/oauth-client.js';

/** A worker that tells the pages of its origin everything it comes across, and lets nothing pass. */
const spy = `
  const tell = (leaked) => new BroadcastChannel('leaked').postMessage(String(leaked));
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => {
    tell(event.request.url);
    if (event.request.mode === 'navigate')
      event.respondWith(new Response('<title>spied on</title>', { headers: { 'content-type': 'text/html' } }));
  });
  // What its own rights open: storage, the worker's script, and the headers of its own fetch.
  async function readStorage() {
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
      });
      const all = (store) => new Promise((resolve) => {
        const request = db.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => resolve(request.result);
      });
      const keys = await all('keys');
      for (const level of ['persistent', 'sealed']) {
        const stored = await new Promise((resolve) => {
          const request = db.transaction('states').objectStore('states').get(level);
          request.onsuccess = () => resolve(request.result);
        });
        if (!stored) continue;
        tell('a sealed record');
        const additionalData = new TextEncoder().encode('state ' + level);
        for (const key of keys)
          await crypto.subtle.decrypt({ name: 'AES-GCM', iv: stored.iv, additionalData }, key, stored.data)
            .then((bytes) => tell(new TextDecoder().decode(bytes)), () => undefined);
      }
      db.close();
    }
    for (const cache of ['default', 'force-cache', 'no-store'])
      tell(await (await fetch('/worker.js', { cache })).text());
    tell('done');
  }
  addEventListener('message', ({ data }) => data === 'readStorage' && readStorage());
`;

let timesAsked = 0;
const uploads: NonNullable<Variation['intercept']> = (path) => {
  if (path !== '/upload.js') return undefined;
  timesAsked += 1;
  return { headers: { 'content-type': 'text/javascript', 'cache-control': 'max-age=3600' }, body: spy };
};

// Of one site with the portal, as in an intranet.
const strict: Variation = {
  options: { callback: 'worker', persistence: 'sealed' },
  isSealed: true,
  host: '127.0.0.1',
  intercept: uploads,
};

/** Puts the spy into the browser's cache, which then gives it to page script without a request to the server. */
async function keepInCache(target: TestApp): Promise<void> {
  timesAsked = 0;
  for (let time = 0; time < 2; time += 1) await target.fetch('/upload.js');
  expect(timesAsked).toBe(1);
}

/** Registers the spy. @returns Whether the browser let it. */
const plant = (target: TestApp, scope: string, options: RegistrationOptions = {}): Promise<boolean> =>
  target.run(
    async ([where, more]) => {
      try {
        const { installing } = await navigator.serviceWorker.register('/upload.js', {
          scope: where,
          ...more,
        });
        await new Promise<void>((resolve) => {
          installing?.addEventListener('statechange', () => {
            if (installing.state === 'activated') resolve();
          });
        });
        return true;
      } catch {
        return false;
      }
    },
    [scope, options] as [string, RegistrationOptions],
  );

/** Ends a code flow of the attacker in a hidden frame. @returns All that the spy and the page around it saw. */
const endOwnFlow = (target: TestApp, callback: URL): Promise<string> =>
  target.run(async (url) => {
    const seen: string[] = [];
    new BroadcastChannel('leaked').addEventListener('message', ({ data }) => seen.push(String(data)));
    const frame = document.createElement('iframe');
    frame.hidden = true;
    frame.src = url;
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    document.body.append(frame);
    await loaded;
    seen.push(frame.contentWindow?.location.href ?? '');
    // A turn of messages more: the spy's came before the answer that loaded the frame.
    const { port1, port2 } = new MessageChannel();
    await new Promise((resolve) => {
      port1.addEventListener('message', resolve);
      port1.start();
      port2.postMessage('');
    });
    return seen.join('\n');
  }, callback.href);

/** @returns Answers of the token endpoint for the codes that were seen. */
async function attack(target: TestApp, scope: string, options?: RegistrationOptions): Promise<string> {
  await keepInCache(target);
  const isPlanted = await plant(target, scope, options);
  const redirectUri = `${target.url}/signed-in.html`;
  const { url, codeVerifier } = ownRequest(target.portal, redirectUri);
  const seen = await endOwnFlow(target, await authorize(url, 'ana'));
  const codes = [...seen.matchAll(/[?&]code=([^&\s#]+)/g)].map(([, code = '']) => decodeURIComponent(code));
  const answers = await Promise.all(
    codes.map((code) => redeem(target.portal, code, redirectUri, codeVerifier)),
  );
  return [`planted: ${isPlanted}`, ...answers].join('\n');
}

for (const [name, scope, options] of [
  ['in place of the app’s own', '/', {}],
  ['for the callback page alone', '/signed-in.html', {}],
  ['out of the browser’s cache', '/signed-in.html', { updateViaCache: 'all' }],
] as const) {
  test(
    `a worker of the attacker’s cannot take the code at the callback page, registered ${name}`,
    { tag: ['@S7'] },
    async ({ variant, portal }) => {
      const unguarded = await signedIn(await variant({ ...strict, otherWorkers: 'any' }));
      expect(portal.log.leaks(await attack(unguarded, scope, options)), 'control').not.toEqual([]);
      const ours = await signedIn(await variant(strict));
      expect(await attack(ours, scope, options)).toBe('planted: false');
      // The app's own worker is where it was.
      expect(await ours.fetchJson(ours.hosted(countQuery()))).toEqual(aCount);
    },
  );
}

test(
  'a worker of the attacker’s in place of the app’s own cannot read what is stored at level sealed',
  { tag: ['@S1'] },
  async ({ variant, portal }) => {
    const readStorage = async (target: TestApp): Promise<string> => {
      await plant(target, '/');
      return target.run(
        () =>
          new Promise<string>((resolve) => {
            const seen: string[] = [];
            new BroadcastChannel('leaked').addEventListener('message', ({ data }) => {
              seen.push(String(data));
              if (data === 'done') resolve(seen.join('\n'));
            });
            void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage('readStorage'));
          }),
      );
    };
    const persistent = await signedIn(await variant({ intercept: uploads }));
    expect(portal.log.leaks(await readStorage(persistent)), 'control').not.toEqual([]);
    // Even where the server lets it in.
    const sealed = await signedIn(await variant({ ...strict, otherWorkers: 'any' }));
    const leaked = await readStorage(sealed);
    expect(leaked).toContain('a sealed record');
    expect(leaked).not.toMatch(/__identityWorkerKeys=\[/);
    expect(portal.log.leaks(leaked)).toEqual([]);
  },
);
