/** Hostile script of the app's own origin requests the sealed worker script, in every way in which a page loads a URL. */
import { request as send } from 'node:http';
import { expect } from '@playwright/test';
import { sealWorkerScript } from 'identity-worker/server';
import { attempts, keysIn, successful } from '../support/script-attempts.js';
import { askWorker, register, secrets, test, type SealedSite } from '../support/sealed-site.js';

test(
  'page script gets the sealed script in none of more than eighty ways',
  { tag: ['@S10'] },
  async ({ page, site }) => {
    await page.goto(site.url);
    await register(page);
    const [key = 'none'] = keysIn(site.sealed[0]);
    const found = await page.evaluate(attempts);
    expect(Object.keys(found).length).toBeGreaterThan(80);
    expect(successful(found, key)).toEqual([]);
    // The server gave it to the browser alone, which fetches its worker and looks for another when a window is opened.
    expect(new Set(site.sealed).size).toBe(1);
    expect(new Set(site.refused)).toEqual(new Set(['not-a-worker-fetch', 'method-not-allowed']));
    // They did arrive at the server.
    expect(site.refused.length).toBeGreaterThan(50);
  },
);

test.describe('without a demand on the request (control)', () => {
  test.use({ options: { mistake: 'unguarded' } });

  test('page script gets the key in many ways', { tag: ['@S10'] }, async ({ page, site }) => {
    await page.goto(site.url);
    await register(page);
    const [key = 'none'] = keysIn(site.sealed[0]);
    const ways = successful(await page.evaluate(attempts), key);
    for (const way of [
      'fetch default',
      'fetch no-store, forged',
      'fetch by the worker default',
      'Cache.add',
      'XMLHttpRequest plain',
      'script text/javascript',
      'import',
      'iframe',
      'window',
      'Worker',
      'SharedWorker',
      'importScripts',
    ])
      expect(ways).toContain(way);
  });
});

test.describe('cacheable (control)', () => {
  test.use({ options: { mistake: 'cacheable' } });

  test('page script finds the key in the cache', { tag: ['@S10'] }, async ({ page, site }) => {
    await page.goto(site.url);
    await register(page);
    const [key = 'none'] = keysIn(site.sealed[0]);
    expect(successful(await page.evaluate(attempts), key)).toContain('fetch force-cache');
  });
});

test(
  'page script cannot plant a cookie whose key it knows',
  { tag: ['@S10'] },
  async ({ page, browser, site }) => {
    // Hostile script brings a cookie that the server made, from a browser of its own.
    const hostile = await (await browser.newContext()).newPage();
    await hostile.goto(site.url);
    await register(hostile);
    const known = await askWorker(hostile);
    const [cookie] = await hostile.context().cookies();
    await hostile.context().close();

    await page.goto(site.url);
    const planted = await page.evaluate(async (value) => {
      const plant = (name: string, attributes = ''): void => {
        document.cookie = `${name}=${value}; Path=/; Secure; SameSite=Strict; ${attributes}`;
      };
      // A browser keeps so many cookies of a site, and puts out the oldest: those that script may not touch, too.
      const many = Array.from({ length: 400 }, (_, index) => `filler${index}`);
      for (const name of many) plant(name);
      for (const name of many) plant(name, 'Max-Age=0');
      for (const name of [
        '__Host-Http-identity-worker',
        '__host-http-identity-worker',
        '__Host-identity-worker',
      ])
        plant(name);
      document.cookie = `=__Host-Http-identity-worker=${value}; Path=/; Secure`;
      await cookieStore.set('__Host-Http-identity-worker', value).catch(() => undefined);
      return document.cookie;
    }, cookie?.value ?? '');
    // Control: the usual prefix would not have kept it from doing so.
    expect(planted).toBe(`__Host-identity-worker=${cookie?.value}`);
    expect(await page.context().cookies()).toHaveLength(1);

    await page.reload();
    await register(page);
    await register(page);
    expect(await askWorker(page)).not.toEqual(known);
  },
);

/** A service worker of the attacker's loads the sealed script into itself. @returns What it then holds, or an error. */
const loadIntoWorker = (type: WorkerType): Promise<unknown> =>
  navigator.serviceWorker.register('/upload.js', { type, scope: '/upload' }).then(
    ({ installing, waiting, active }) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener('message', ({ data }) => resolve(data));
        port1.start();
        (installing ?? waiting ?? active)?.postMessage('keys', [port2]);
      }),
    ({ name }: Error) => name,
  );

const tells =
  'addEventListener("message", ({ ports: [port] }) => port.postMessage(self.__identityWorkerKeys ?? null));';

test.describe('with importScripts', () => {
  // The script removes the registration of another scope, which the attacker keeps.
  const keeps = 'ServiceWorkerRegistration.prototype.unregister = () => Promise.resolve(true);';
  const upload = `${keeps}\ntry { importScripts('/worker.js'); } catch {}\n${tells}`;
  test.use({ options: { upload } });

  test(
    'a service worker of the attacker’s cannot import the sealed script',
    { tag: ['@S10'] },
    async ({ page, site }) => {
      await page.goto(site.url);
      await register(page);
      expect(await page.evaluate(loadIntoWorker, 'classic' as const)).toBeNull();
      expect(site.refused).toEqual(['not-a-worker-fetch']);
    },
  );

  test.describe('without a demand on the request (control)', () => {
    test.use({ options: { upload, mistake: 'unguarded' } });

    test('a service worker of the attacker’s imports the key', { tag: ['@S10'] }, async ({ page, site }) => {
      await page.goto(site.url);
      await register(page);
      expect(await page.evaluate(loadIntoWorker, 'classic' as const)).toEqual(keysIn(site.sealed[0]));
    });
  });
});

test.describe('with a module’s import', () => {
  const upload = `import '/worker.js';\n${tells}`;
  test.use({ options: { upload } });

  test(
    'a module worker of the attacker’s cannot import the sealed script',
    { tag: ['@S10'] },
    async ({ page, site }) => {
      await page.goto(site.url);
      await register(page);
      expect(await page.evaluate(loadIntoWorker, 'module' as const)).toBe('TypeError');
      // Not by its headers, and not for want of a cookie only, which Chromium keeps from scripts of modules (control).
      expect(site.refused).toEqual(['not-a-worker-fetch']);
    },
  );

  test.describe('without a demand on the request (control)', () => {
    test.use({ options: { upload, mistake: 'unguarded' } });

    test(
      'a module worker of the attacker’s lacks nothing but the cookie',
      { tag: ['@S10'] },
      async ({ page, site }) => {
        await page.goto(site.url);
        await register(page);
        expect(await page.evaluate(loadIntoWorker, 'module' as const)).toBe('TypeError');
        expect(site.refused).toEqual(['cookie-missing']);
      },
    );
  });
});

/** The headers of the browser's own fetch of its worker. */
const genuine = {
  'sec-fetch-dest': 'serviceworker',
  'sec-fetch-mode': 'same-origin',
  'sec-fetch-site': 'same-origin',
  'service-worker': 'script',
};

/** A request outside a browser, with whatever headers. */
const ask = (
  site: SealedSite,
  method: string,
  headers: Record<string, string>,
): Promise<{ status: number; text: string; cookie: string }> =>
  new Promise((resolve, reject) => {
    const asked = send(`${site.url}/worker.js`, { method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
        }),
      );
    });
    asked.on('error', reject).end();
  });

test(
  'requests with the wrong method, site, destination or cookie are refused',
  { tag: ['@S10'] },
  async ({ site }) => {
    const { cookie } = await ask(site, 'GET', genuine);
    expect(cookie).not.toBe('');
    const own = { ...genuine, cookie };
    const tampered = cookie.replace(/=./, (start) => (start === '=A' ? '=B' : '=A'));
    const tried: [method: string, headers: Record<string, string>, status: number][] = [
      ['POST', own, 405],
      ['HEAD', own, 405],
      ['PUT', own, 405],
      ['GET', { ...own, 'sec-fetch-site': 'cross-site' }, 403],
      ['GET', { ...own, 'sec-fetch-site': 'same-site' }, 403],
      ['GET', { ...own, 'sec-fetch-dest': 'script' }, 403],
      ['GET', { ...own, 'service-worker': '' }, 403],
      ['GET', { cookie }, 403],
      ['GET', genuine, 403],
      ['GET', { ...genuine, cookie: tampered }, 403],
      ['GET', { ...genuine, cookie: `${cookie}; ${cookie}` }, 403],
    ];
    for (const [method, headers, status] of tried) {
      const answer = await ask(site, method, headers);
      expect(answer.status, `${method} ${JSON.stringify(headers)}`).toBe(status);
      expect(answer.text).not.toContain('__identityWorkerKeys=');
    }
    // Control: the browser's own request.
    expect((await ask(site, 'GET', own)).text).toContain('__identityWorkerKeys=');
  },
);

test('a server without a secret, or with one that can be guessed, does not start', { tag: ['@S10'] }, () => {
  const seal = (given: string | undefined) => (): unknown =>
    sealWorkerScript({ secrets: given, path: '/worker.js', script: () => '' });
  for (const [given, code] of [
    [undefined, 'secret-missing'],
    ['', 'secret-missing'],
    ['changeme', 'secret-too-short'],
    [Buffer.alloc(31, 'abcdefghijk').toString('base64'), 'secret-too-short'],
    [Buffer.alloc(32).toString('base64'), 'secret-weak'],
  ] as const)
    expect(seal(given)).toThrow(expect.objectContaining({ code }));
  // Control: a good one is taken.
  expect(seal(secrets[0])).not.toThrow();
});
