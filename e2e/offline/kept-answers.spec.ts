/** Signed answers that HTTP lets a browser keep are served again: across renewals of the token, stops of the worker, without a network. */
import { cacheNames, expect, keptIn, read, test } from '../support/kept-answers.js';
import type { TestApp } from '../support/fixtures.js';
import { leaveCachesUnanswered } from '../support/areas.js';
import { startTracing, stepsOf, traceOf } from '../support/tracing.js';

/** Waits until so many answers are kept: they are written while the page goes on. */
const untilKept = (app: TestApp, count = 1): Promise<void> =>
  expect.poll(async () => (await keptIn(app)).length).toBe(count);

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>';

test('what is fresh needs no network and no token, after a renewal and a stop of the worker', async ({
  keeping,
  server,
  portal,
}) => {
  server.answer = ({ url }) => ({
    headers: {
      'cache-control': 'max-age=600',
      'content-type': url.pathname.endsWith('svg') ? 'image/svg+xml' : '',
    },
    body: svg,
  });
  const picture = `${server.origin}/tile.svg`;
  expect(await read(keeping, `${server.origin}/data`)).toBe(svg);
  expect(await keeping.loadImage(picture)).toBe(7);
  await untilKept(keeping, 2);
  const entries = await keptIn(keeping);
  expect(entries.map(({ url }) => url)).toEqual([`${server.origin}/data`, picture]);
  expect(portal.log.leaks(JSON.stringify(entries)), 'neither keys nor answers hold a token').toEqual([]);
  expect(server.received().every(({ url }) => url.searchParams.has('token'))).toBe(true);
  portal.control.expireAccessTokens();
  await keeping.stopWorker();
  await keeping.page.reload();
  await keeping.ready();
  const count = server.received().length;
  await startTracing(keeping);
  expect(await keeping.loadImage(picture)).toBe(7);
  const traced = await traceOf(keeping, '/tile.svg');
  expect(traced.outcome).toBe('kept');
  expect(stepsOf(traced)).toContain('kept-answer');
  expect(await read(keeping, `${server.origin}/data#part`)).toBe(svg);
  expect(server.received()).toHaveLength(count);
  expect(keeping.tokenRequests()).toBe(0);
});

for (const [name, validator, condition] of [
  ['ETag', { etag: '"1"' }, 'if-none-match'],
  ['Last-Modified', { 'last-modified': 'Wed, 01 Jul 2026 12:00:00 GMT' }, 'if-modified-since'],
] as const)
  test(`what is stale is asked for with its ${name}, signed`, async ({ keeping, server, portal }) => {
    const url = `${server.origin}/stale`;
    server.answer = ({ headers }) =>
      condition in headers
        ? { status: 304, headers: { ...validator, 'cache-control': 'max-age=600' } }
        : { body: 'long body', headers: { ...validator, 'cache-control': 'max-age=0' } };
    expect(await read(keeping, url)).toBe('long body');
    await untilKept(keeping);
    portal.control.expireAccessTokens();
    expect(await keeping.fetch(url)).toEqual({ status: 200, url, text: 'long body' });
    const [, second] = server.received();
    expect(second?.headers[condition]).toBe(Object.values(validator)[0]);
    expect(second?.url.searchParams.has('token')).toBe(true);
    await expect.poll(async () => (await keptIn(keeping))[0]?.headers['cache-control']).toBe('max-age=600');
    expect(await read(keeping, url)).toBe('long body');
    expect(server.received()).toHaveLength(2);
  });

test('a server whose preflight refuses the condition is asked without one', async ({ keeping, server }) => {
  server.allowsHeaders = false;
  server.answer = () => ({ body: 'whole', headers: { etag: '"1"', 'cache-control': 'no-cache' } });
  expect(await read(keeping, `${server.origin}/plain`)).toBe('whole');
  await untilKept(keeping);
  for (let turn = 0; turn < 2; turn += 1) expect(await read(keeping, `${server.origin}/plain`)).toBe('whole');
  expect(server.preflights(), 'it is not tried again').toBe(1);
});

test('the cache mode of a request means what it means in a browser', async ({ keeping, server }) => {
  let version = 0;
  server.answer = () => `version ${(version += 1)}`;
  const url = `${server.origin}/versions`;
  const get = (init?: RequestInit): Promise<string> => read(keeping, url, init);
  expect(await get({ cache: 'no-store' })).toBe('version 1');
  expect(await get()).toBe('version 2');
  await untilKept(keeping);
  expect(await get()).toBe('version 2');
  expect(await get({ cache: 'no-store' })).toBe('version 3');
  expect(await get({ method: 'POST', body: 'f=json' })).toBe('version 4');
  expect(await get({ cache: 'force-cache' })).toBe('version 2');
  expect(await get({ cache: 'no-cache' })).toBe('version 5');
  await expect.poll(() => get()).toBe('version 5');
  expect(await get({ cache: 'reload' })).toBe('version 6');
  await expect.poll(() => get()).toBe('version 6');
});

test('without a network what is kept is served, unless its server forbids it', async ({
  keeping,
  server,
}) => {
  const paths = {
    '': 'old',
    '/max-age=0': 'stale',
    '/must-revalidate, max-age=0': '',
    '/no-cache': '',
    '/no-store': '',
  };
  server.answer = ({ url }) => ({
    body: 'kept',
    headers: { etag: '"1"', 'cache-control': decodeURIComponent(url.pathname.slice(1)) },
  });
  const urls = Object.keys(paths).map((path) => server.origin + encodeURI(path || '/'));
  for (const url of urls) expect(await read(keeping, url)).toBe('kept');
  await untilKept(keeping, 4);
  await keeping.page.context().setOffline(true);
  await keeping.advanceWorkerClock(2 * 3600 * 1000);
  const seen = await Promise.all(urls.map((url) => read(keeping, url)));
  expect(seen).toEqual(['kept', 'kept', 'TypeError', 'TypeError', 'TypeError']);
  expect(await keeping.isPrompting()).toBe(false);
  expect(await keeping.run(() => window.identity.credentials[0]?.username)).toBe('ana');
  await keeping.page.context().setOffline(false);
  for (const url of urls) expect(await read(keeping, url)).toBe('kept');
});

test('a full disk breaks no request, and is reported once', async ({ keeping, server }) => {
  keeping.expectedFaults.push('cache-unavailable');
  const cdp = await keeping.page.context().newCDPSession(keeping.page);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: keeping.url, quotaSize: 1 });
  server.answer = () => 'x'.repeat(100_000);
  for (const path of [
    '/1',
    '/2',
    '/3?with=CacheFirst',
    '/4?with=StaleWhileRevalidate',
    '/5?with=NetworkFirst',
  ])
    expect(await read(keeping, server.origin + path)).toHaveLength(100_000);
  const reports = (): string[] => keeping.consoleLines.filter((line) => line.includes('cache-unavailable'));
  await expect.poll(reports).not.toEqual([]);
  expect(reports().filter((line) => line.startsWith('worker fault'))).toHaveLength(1);
  expect(reports().join()).toContain('QuotaExceededError');
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: keeping.url });
  expect(await read(keeping, `${server.origin}/6`)).toHaveLength(100_000);
  await expect
    .poll(async () => (await keptIn(keeping)).map(({ url }) => url))
    .toContain(`${server.origin}/6`);
});

test('Cache Storage that does not answer breaks no request and no sign-out, and is reported once', async ({
  keeping,
  server,
}) => {
  keeping.expectedFaults.push('cache-unavailable');
  // What differs by its request is not in the worker's memory.
  server.answer = () => ({ body: 'content', headers: { 'cache-control': 'max-age=600', vary: 'accept' } });
  expect(await read(keeping, `${server.origin}/`)).toBe('content');
  await untilKept(keeping);
  await keeping.shortenWorkerTimeLimits(10);
  await leaveCachesUnanswered(keeping);
  for (const path of [
    '/',
    '/1',
    '/2?with=CacheFirst',
    '/3?with=StaleWhileRevalidate',
    '/4?with=NetworkFirst',
  ])
    expect(await read(keeping, server.origin + path)).toBe('content');
  await keeping.run(() => window.identity.signOut());
  expect(await keeping.run(() => window.identity.credentials)).toEqual([]);
  const reports = keeping.consoleLines.filter((line) => line.includes('cache-unavailable'));
  expect(reports.filter((line) => line.startsWith('worker fault'))).toHaveLength(1);
  expect(reports.join()).toContain('TimeoutError');
});

test('storage that is cleared while in use is filled again, and half an entry is none', async ({
  keeping,
  server,
}) => {
  const url = `${server.origin}/a?f=json`;
  // What differs by its request is not in the worker's memory, too.
  server.answer = () => ({
    body: 'whole content',
    headers: { 'cache-control': 'max-age=600', vary: 'accept' },
  });
  const cdp = await keeping.page.context().newCDPSession(keeping.page);
  const clearings = [
    () =>
      keeping.run(
        async () => void (await Promise.all((await caches.keys()).map((name) => caches.delete(name)))),
      ),
    () => cdp.send('Storage.clearDataForOrigin', { origin: keeping.url, storageTypes: 'cache_storage' }),
    () =>
      keeping.run(async (address) => {
        for (const name of (await caches.keys()).filter((each) => each.includes(':fresh:'))) {
          const cache = await caches.open(name);
          const { headers } = (await cache.match(address)) ?? new Response();
          await cache.put(address, new Response('whole', { headers }));
        }
      }, url),
  ];
  expect(await read(keeping, url)).toBe('whole content');
  for (const clear of clearings) {
    await untilKept(keeping);
    await clear();
    expect(await read(keeping, url)).toBe('whole content');
    await expect.poll(async () => (await keptIn(keeping)).map(({ text }) => text)).toEqual(['whole content']);
  }
});

test.describe('limits', () => {
  test.use({ limits: { maxEntries: 3, maxBytes: 1000, maxBodyBytes: 400 } });

  test('what was used least lately goes first', async ({ keeping, server }) => {
    server.answer = ({ url }) => 'x'.repeat(Number(url.searchParams.get('size')));
    const get = (name: string, size: number): Promise<string> =>
      read(keeping, `${server.origin}/${name}?size=${size}`);
    const names = async (): Promise<string> =>
      (await keptIn(keeping))
        .map(({ url }) => new URL(url).pathname.slice(1))
        .sort()
        .join('');
    for (const name of ['a', 'b', 'c']) {
      await get(name, 10);
      await expect.poll(names).toContain(name);
    }
    await get('a', 10);
    await get('d', 10);
    await expect.poll(names).toBe('acd');
    await get('e', 401);
    await get('f', 400);
    await expect.poll(names).toBe('adf');
    await get('g', 400);
    await get('h', 399);
    await expect.poll(names).toBe('gh');
    expect(await cacheNames(keeping)).toHaveLength(1);
  });
});
