/** The sealed worker script: its worker gets the seal, and nothing that page script can do does. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test as base, type Page } from '@playwright/test';
import { toNodeListener } from 'identity-worker/broker/node';
import { build, createServer as createViteServer, preview } from 'vite';
import { secrets, startSealedSite, type SealedSite, type SiteOptions } from './sealed-site.js';
import { answerFile } from './servers/files.js';

const test = base.extend<{ options: SiteOptions; site: SealedSite }>({
  options: [{}, { option: true }],
  site: async ({ options }, use) => {
    const site = await startSealedSite(options);
    await use(site);
    await site.close();
  },
});

/** Registers the worker as a page does. @returns `active`, or the name of the error. */
const register = (page: Page, type: WorkerType = 'classic'): Promise<string> =>
  page.evaluate(async (workerType) => {
    try {
      await navigator.serviceWorker.register('/worker.js', { type: workerType });
      await navigator.serviceWorker.ready;
      return 'active';
    } catch (error) {
      return (error as Error).name;
    }
  }, type);

/** What the active worker answers to a message. */
const askWorker = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise<unknown>((resolve) => {
      port1.addEventListener('message', ({ data }) => resolve(data));
    });
    port1.start();
    active?.postMessage('seals', [port2]);
    return answer;
  });

/** The seals in a sealed script. */
const sealsIn = (script: string | undefined): string[] =>
  JSON.parse(/^self\.__identityWorkerSeals=(\[.*\]);\n/.exec(script ?? '')?.[1] ?? '[]') as string[];

test('the first registration gets a seal when the page brought the cookie', async ({ page, site }) => {
  await page.goto(site.url);
  expect(await register(page)).toBe('active');
  expect(await askWorker(page)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
  expect(site.refused).toEqual([]);
  const [cookie, ...more] = await page.context().cookies();
  expect(more).toEqual([]);
  expect(cookie).toMatchObject({
    name: '__Host-Http-identity-worker',
    domain: 'localhost',
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: 'Strict',
  });
  expect((cookie?.expires ?? 0) - Date.now() / 1000).toBeGreaterThan(399 * 24 * 60 * 60);
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test.describe('a page without the cookie', () => {
  test.use({ options: { cookieWithPage: false } });

  test('the first registration brings the cookie, the second the seal', async ({ page, site }) => {
    await page.goto(site.url);
    expect(await register(page)).toBe('TypeError');
    expect(site).toMatchObject({ refused: ['cookie-missing'], sealed: [] });
    expect(await register(page)).toBe('active');
    expect(await askWorker(page)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
  });

  test('a module worker gets none: Chromium fetches its script without cookies', async ({ page, site }) => {
    await page.goto(site.url);
    expect(await register(page, 'module')).toBe('TypeError');
    expect(await register(page, 'module')).toBe('TypeError');
    expect(site).toMatchObject({ refused: ['cookie-missing', 'cookie-missing'], sealed: [] });
  });
});

test('a page of 127.0.0.1 gets its seal too', async ({ page, site }) => {
  await page.goto(site.url.replace('localhost', '127.0.0.1'));
  expect(await register(page)).toBe('active');
  expect(await askWorker(page)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
});

test('two browsers have two seals', async ({ page, browser, site }) => {
  await page.goto(site.url);
  await register(page);
  const other = await (await browser.newContext()).newPage();
  await other.goto(site.url);
  await register(other);
  expect(await askWorker(other)).not.toEqual(await askWorker(page));
  await other.context().close();
});

test('a cookie that was changed is replaced: one registration fails, the next has another seal', async ({
  page,
  site,
}) => {
  await page.goto(site.url);
  const [cookie] = await page.context().cookies();
  const value = `A${cookie?.value.slice(1)}`.replace(/^A(?=A)/, 'B');
  await page.context().addCookies([{ ...cookie!, value }]);
  expect(await register(page)).toBe('TypeError');
  expect(site.refused).toEqual(['cookie-refused']);
  expect(await register(page)).toBe('active');
});

/** Every way that page script has to ask for a URL. @returns Whatever text or value each of them came to. */
const attempts = async (): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  const url = '/worker.js';
  const text = (value: unknown): string =>
    typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const attempt = async (name: string, act: () => unknown): Promise<void> => {
    try {
      found[name] = text(await act());
    } catch (error) {
      found[name] = `failed: ${String(error)}`;
    }
  };
  const settled = (target: EventTarget, ...events: string[]): Promise<string> =>
    new Promise((resolve) => {
      for (const event of ['load', 'error', ...events])
        target.addEventListener(event, (happened) => resolve(text((happened as MessageEvent).data ?? event)));
    });
  const element = (tag: string, attributes: Record<string, string>): Promise<string> => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    const end = settled(made);
    document.head.append(made);
    return end;
  };
  const global = (): unknown => (globalThis as unknown as Record<string, unknown>)['__identityWorkerSeals'];

  const forged = {
    'Service-Worker': 'script',
    'Sec-Fetch-Dest': 'serviceworker',
    'Sec-Fetch-Site': 'same-origin',
  };
  const caches: RequestCache[] = [
    'force-cache',
    'only-if-cached',
    'default',
    'no-cache',
    'no-store',
    'reload',
  ];
  for (const cache of caches) {
    await attempt(`fetch ${cache}`, async () => (await fetch(url, { cache, mode: 'same-origin' })).text());
    await attempt(`fetch ${cache}, forged`, async () =>
      (await fetch(url, { cache, mode: 'same-origin', headers: forged })).text(),
    );
    await attempt(`fetch by the worker ${cache}`, async () =>
      (await fetch(`/through-the-worker?${cache}`)).text(),
    );
  }
  for (const method of ['HEAD', 'POST', 'PUT', 'OPTIONS'])
    await attempt(`fetch ${method}`, async () => {
      const response = await fetch(url, { method, headers: forged });
      return text([...response.headers]) + (await response.text());
    });
  await attempt('Cache.add', async () => {
    const cache = await globalThis.caches.open('attempt');
    await cache.add(url);
    return (await cache.match(url))?.text();
  });
  for (const name of ['plain', 'forged'])
    await attempt(`XMLHttpRequest ${name}`, async () => {
      const request = new XMLHttpRequest();
      request.open('GET', url);
      if (name === 'forged') request.setRequestHeader('Service-Worker', 'script');
      const end = settled(request);
      request.send();
      await end;
      return request.responseText;
    });
  await attempt('EventSource', () => settled(new EventSource(url), 'message'));
  for (const type of ['text/javascript', 'module'])
    await attempt(`script ${type}`, async () => [await element('script', { src: url, type }), global()]);
  await attempt('import', async () => [Object.keys((await import(url)) as object), global()]);
  const destinations =
    'serviceworker script worker sharedworker audioworklet paintworklet style image font fetch document track json manifest';
  for (const as of destinations.split(' '))
    for (const rel of ['preload', 'modulepreload', 'prefetch']) {
      // Browsers that do not load this kind fire no event: the fetch of the next line comes after whatever is under way.
      await attempt(`link ${rel} ${as}`, async () => {
        void element('link', { rel, as, href: url });
        return (await fetch(url, { cache: 'force-cache' })).text();
      });
    }
  for (const tag of ['iframe', 'object', 'embed'])
    await attempt(tag, async () => {
      const made = document.createElement(tag);
      made.setAttribute(tag === 'object' ? 'data' : 'src', url);
      const end = settled(made);
      document.documentElement.append(made);
      await end;
      return (made as HTMLIFrameElement).contentDocument?.documentElement.outerHTML;
    });
  await attempt('Worker', () => {
    const worker = new Worker(url);
    worker.postMessage('seals');
    return settled(worker, 'message');
  });
  await attempt('module Worker', () => {
    const worker = new Worker(url, { type: 'module' });
    worker.postMessage('seals');
    return settled(worker, 'message');
  });
  await attempt('SharedWorker', () => {
    const worker = new SharedWorker(url);
    worker.port.start();
    return Promise.race([settled(worker), settled(worker.port, 'message')]);
  });
  const script = `try { importScripts(${JSON.stringify(location.origin + url)}) } catch (error) { postMessage(String(error)) } postMessage(self.__identityWorkerSeals)`;
  await attempt('importScripts', () =>
    settled(new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))), 'message'),
  );
  await attempt('AudioWorklet', () => new OfflineAudioContext(1, 1, 44_100).audioWorklet.addModule(url));
  return found;
};

/** The names of the attempts that came to the seal. */
const successful = (found: Record<string, string>, seal: string): string[] =>
  Object.keys(found).filter((name) => found[name]?.includes(seal));

test('page script gets the seal by nothing it can ask for', async ({ page, site }) => {
  await page.goto(site.url);
  await register(page);
  const [seal = 'none'] = sealsIn(site.sealed[0]);
  const found = await page.evaluate(attempts);
  expect(Object.keys(found).length).toBeGreaterThan(75);
  expect(successful(found, seal)).toEqual([]);
  // The server gave it to the worker, once, and to nobody else.
  expect(site.sealed).toHaveLength(1);
  expect(new Set(site.refused)).toEqual(new Set(['not-a-worker-fetch', 'method-not-allowed']));
  // They did arrive at the server.
  expect(site.refused.length).toBeGreaterThan(50);
});

test.describe('without a demand on the request (control)', () => {
  test.use({ options: { mistake: 'unguarded' } });

  test('page script gets the seal in many ways', async ({ page, site }) => {
    await page.goto(site.url);
    await register(page);
    const [seal = 'none'] = sealsIn(site.sealed[0]);
    const ways = successful(await page.evaluate(attempts), seal);
    for (const way of [
      'fetch default',
      'fetch no-store, forged',
      'fetch by the worker default',
      'Cache.add',
      'XMLHttpRequest plain',
      'script text/javascript',
      'import',
      'iframe',
      'Worker',
      'SharedWorker',
      'importScripts',
    ])
      expect(ways).toContain(way);
  });
});

test.describe('cacheable (control)', () => {
  test.use({ options: { mistake: 'cacheable' } });

  test('page script finds the seal in the cache', async ({ page, site }) => {
    await page.goto(site.url);
    await register(page);
    const [seal = 'none'] = sealsIn(site.sealed[0]);
    expect(successful(await page.evaluate(attempts), seal)).toContain('fetch force-cache');
  });
});

test('page script cannot plant a cookie whose seal it knows', async ({ page, browser, site }) => {
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
});

test('an update check sees the same bytes, from wherever the user comes', async ({ page, site }) => {
  await page.goto(site.url);
  await register(page);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  const check = (): Promise<boolean> =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      let isNew = false;
      registration.addEventListener('updatefound', () => (isNew = true));
      await registration.update();
      return isNew || registration.installing !== null || registration.waiting !== null;
    });
  expect(await check()).toBe(false);
  // From another site the browser keeps a SameSite=Strict cookie to itself: the page must not bring a new one.
  const elsewhere = site.url.replace('localhost', '127.0.0.1');
  await page.goto(elsewhere);
  await page.evaluate((url) => {
    const link = document.createElement('a');
    link.href = url;
    document.documentElement.append(link);
    link.click();
  }, `${site.url}/index.html`);
  await page.waitForURL(`${site.url}/index.html`);
  await page.waitForLoadState();
  expect(await check()).toBe(false);
  expect(site.sealed.length).toBeGreaterThanOrEqual(3);
  expect(new Set(site.sealed).size).toBe(1);
  expect(site.refused).toEqual([]);
});

test('after a change of secrets an update brings both seals, and the old secret can go', async ({
  page,
  site,
}) => {
  await page.goto(site.url);
  await register(page);
  const [before] = (await askWorker(page)) as string[];
  const update = (): Promise<void> =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const changed = new Promise((resolve) => {
        navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
      });
      await registration.update();
      await changed;
    });
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);

  site.rotate([secrets[1], secrets[0]]);
  await update();
  const both = (await askWorker(page)) as string[];
  expect(both).toEqual([expect.stringMatching(/^[\w-]{43}$/), before]);
  expect(both[0]).not.toBe(before);

  site.rotate([secrets[1]]);
  await update();
  expect(await askWorker(page)).toEqual([both[0]]);
  expect(site.refused).toEqual([]);
});

/** Everything that a page can know of how it was opened. */
const whereabouts = (): string =>
  [
    location.href,
    document.referrer,
    document.URL,
    JSON.stringify(performance.getEntries()),
    history.length,
  ].join('\n');

test('a callback that reaches the server shows its page no code', async ({ page, site }) => {
  await page.goto(site.url);
  await page.goto(`${site.url}/signed-in.html?code=secret-code&state=secret-state`);
  await expect(page).toHaveTitle('Signed in');
  expect(page.url()).toBe(`${site.url}/signed-in.html?identity-worker=none#`);
  expect(await page.evaluate(whereabouts)).not.toMatch(/secret-/);
});

test.describe('without the guard (control)', () => {
  test.use({ options: { guarded: false } });

  test('the page reads the code', async ({ page, site }) => {
    await page.goto(`${site.url}/signed-in.html?code=secret-code&state=secret-state`);
    expect(await page.evaluate(whereabouts)).toContain('secret-code');
  });
});

/** A page of the server registers its sealed worker at the first attempt. @returns What the worker answers. */
const sealedBy = async (page: Page, server: Server): Promise<unknown> => {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  expect(await register(page)).toBe('active');
  const answer = await askWorker(page);
  await page.goto('about:blank');
  return answer;
};

test.describe('the servers of the guide', () => {
  test.beforeEach(() => {
    process.env['SEAL_SECRETS'] = secrets[0];
    process.env['PORT'] = '0';
  });

  test('Node', async ({ page }) => {
    const { server } = await import('./servers/node.js');
    expect(await sealedBy(page, server)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://localhost:${port}/signed-in.html?code=secret-code`);
    expect(page.url()).toBe(`http://localhost:${port}/signed-in.html?identity-worker=none#`);
    server.closeAllConnections();
    server.close();
  });

  test('an edge runtime', async ({ page }) => {
    const { default: edge } = await import('./servers/edge.js');
    const { createServer } = await import('node:http');
    const env = { SEAL_SECRETS: secrets[0], ASSETS: { fetch: answerFile } };
    const listener = toNodeListener((request) => edge.fetch(request, env));
    const server = createServer((request, response) => listener(request, response)).listen(0);
    expect(await sealedBy(page, server)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://localhost:${port}/signed-in.html?code=secret-code`);
    expect(page.url()).toBe(`http://localhost:${port}/signed-in.html?identity-worker=none#`);
    server.closeAllConnections();
    server.close();
  });

  test('Vite: development, build and preview', async ({ page, browser }, { outputDir }) => {
    const root = 'e2e/servers/vite';
    const inline = { root, configFile: `${root}/vite.config.ts`, logLevel: 'warn' } as const;
    const seals = [expect.stringMatching(/^[\w-]{43}$/)];

    const dev = await createViteServer({
      ...inline,
      cacheDir: `${outputDir}/cache`,
      server: { port: 0, host: '127.0.0.1' },
    });
    await dev.listen();
    expect(await sealedBy(page, dev.httpServer as Server)).toEqual({ precache: [], seals });
    await dev.close();

    await build({ ...inline, build: { outDir: outputDir, emptyOutDir: true } });
    const served = await preview({
      ...inline,
      build: { outDir: outputDir },
      preview: { port: 0, host: '127.0.0.1' },
    });
    const context = await browser.newContext();
    const answer = await sealedBy(await context.newPage(), served.httpServer as Server);
    await context.close();
    await served.close();
    // The script itself is not in the precache: what the worker fetches of it is refused, and would have no seal.
    const { precache } = answer as { precache: { url: string }[] };
    expect(answer).toMatchObject({ seals });
    expect(precache.map(({ url }) => url)).toContain('index.html');
    expect(precache.map(({ url }) => url)).not.toContain('worker.js');
  });
});
