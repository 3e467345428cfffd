/** The sealed worker script: its worker gets its key, from every kind of server. `attacks/sealed-script.spec.ts` tries to read it. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type Page } from '@playwright/test';
import { toNodeListener } from 'identity-worker/server/node';
import { build, createServer as createViteServer, preview } from 'vite';
import { askWorker, register, secrets, test } from '../support/sealed-site.js';
import { answerFile } from '../servers/files.js';

test('the first registration gets a key when the page set the cookie', async ({ page, site }) => {
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

  test('the first registration sets the cookie, the second gets the key', async ({ page, site }) => {
    await page.goto(site.url);
    expect(await register(page)).toBe('TypeError');
    expect(site).toMatchObject({ refused: ['cookie-missing'], sealed: [] });
    expect(await register(page)).toBe('active');
    expect(await askWorker(page)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
  });

  test('a module worker gets no key: Chromium fetches its script without cookies', async ({ page, site }) => {
    await page.goto(site.url);
    expect(await register(page, 'module')).toBe('TypeError');
    expect(await register(page, 'module')).toBe('TypeError');
    expect(site).toMatchObject({ refused: ['cookie-missing', 'cookie-missing'], sealed: [] });
  });
});

test('a page of 127.0.0.1 gets a key too', async ({ page, site }) => {
  await page.goto(site.url.replace('localhost', '127.0.0.1'));
  expect(await register(page)).toBe('active');
  expect(await askWorker(page)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
});

test('two browsers have two keys', async ({ page, browser, site }) => {
  await page.goto(site.url);
  await register(page);
  const other = await (await browser.newContext()).newPage();
  await other.goto(site.url);
  await register(other);
  expect(await askWorker(other)).not.toEqual(await askWorker(page));
  await other.context().close();
});

test('a cookie that was changed is replaced: one registration fails, the next gets another key', async ({
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

test('a registration for a scope that the server names no longer goes at its next update', async ({
  page,
  site,
}) => {
  await page.goto(site.url);
  expect(await register(page)).toBe('active');
  site.moveTo('/app/');
  const outcome = page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return registration.update().then(
      () => 'updated',
      (error: unknown) => (error as Error).name,
    );
  });
  expect(await outcome).toBe('TypeError');
  const scopes = (): Promise<string[]> =>
    page.evaluate(async () =>
      (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname),
    );
  await expect.poll(scopes).toEqual([]);
  // The scope that it names now is served.
  await page.evaluate(() => navigator.serviceWorker.register('/worker.js', { scope: '/app/' }));
  await expect.poll(scopes).toEqual(['/app/']);
});

test('after a change of secrets an update brings both keys, and the old secret can go', async ({
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
  expect(page.url()).toBe(`${site.url}/signed-in.html?identity-worker=none#_`);
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
    const { server } = await import('../servers/node.js');
    expect(await sealedBy(page, server)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://localhost:${port}/signed-in.html?code=secret-code`);
    expect(page.url()).toBe(`http://localhost:${port}/signed-in.html?identity-worker=none#_`);
    server.closeAllConnections();
    server.close();
  });

  test('Node, for a script tag: the server answers the one query that it names', async ({ page }) => {
    const { server } = await import('../servers/script-tag.js');
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://localhost:${port}/`);
    const ask = (query: string): Promise<string | null> =>
      page.evaluate(async (search) => {
        const registering = navigator.serviceWorker.register(`/identity-worker.js?${search}`);
        return registering.then(
          () => 'registered',
          () => 'refused',
        );
      }, query);
    const registration = {
      'client-id': 'my-client-id',
      portal: 'https://gis.example.org/portal',
      callback: 'worker',
      persistence: 'sealed',
      'redirect-uri': '/signed-in.html',
    };
    expect(await ask(`${new URLSearchParams(registration)}&resources=https://evil.example/`)).toBe('refused');
    expect(await ask(new URLSearchParams(registration).toString())).toBe('registered');
    server.closeAllConnections();
    server.close();
  });

  test('the redirect URI at an origin of its own', async ({ page }) => {
    const { server } = await import('../servers/sign-in-origin.js');
    const { port } = server.address() as AddressInfo;
    const posted = page.waitForRequest((request) => request.method() === 'POST');
    await page.goto(`http://localhost:${port}/?code=the-code&state=s1`).catch(() => undefined);
    const request = await posted;
    expect(request.url()).toBe('https://app.example.org/signed-in.html');
    expect(request.postData()).toBe('code=the-code&state=s1');
    server.closeAllConnections();
    server.close();
  });

  test('an edge runtime', async ({ page }) => {
    const { default: edge } = await import('../servers/edge.js');
    const { createServer } = await import('node:http');
    const env = { SEAL_SECRETS: secrets[0], ASSETS: { fetch: answerFile } };
    const listener = toNodeListener((request) => edge.fetch(request, env));
    const server = createServer((request, response) => listener(request, response)).listen(0);
    expect(await sealedBy(page, server)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://localhost:${port}/signed-in.html?code=secret-code`);
    expect(page.url()).toBe(`http://localhost:${port}/signed-in.html?identity-worker=none#_`);
    server.closeAllConnections();
    server.close();
  });

  test('Vite: development, build and preview', async ({ page, browser }, { outputDir }) => {
    const root = 'e2e/servers/vite';
    const inline = { root, configFile: `${root}/vite.config.ts`, logLevel: 'warn' } as const;
    const keys = [expect.stringMatching(/^[\w-]{43}$/)];
    /** How a script of the server's is answered, to a page and as another service worker. */
    const askAs = async (server: Server, path: string): Promise<(string | null)[]> => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
      const [plain, worker] = await Promise.all([
        fetch(url),
        fetch(url, { headers: { 'service-worker': 'script' } }),
      ]);
      return [String(plain.status), worker.headers.get('identity-worker-refusal')];
    };

    const dev = await createViteServer({
      ...inline,
      cacheDir: `${outputDir}/cache`,
      server: { port: 0, host: '127.0.0.1' },
    });
    await dev.listen();
    expect(await sealedBy(page, dev.httpServer as Server)).toEqual({ precache: [], keys });
    expect(await askAs(dev.httpServer as Server, '/@vite/client')).toEqual(['200', 'another-worker']);
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
    expect(await askAs(served.httpServer as Server, '/index.html')).toEqual(['200', 'another-worker']);
    await served.close();
    // The script itself is not in the precache: what the worker fetches of it is refused, and would have no key.
    const { precache } = answer as { precache: { url: string }[] };
    expect(answer).toMatchObject({ keys });
    expect(precache.map(({ url }) => url)).toContain('index.html');
    expect(precache.map(({ url }) => url)).not.toContain('worker.js');
  });
});
