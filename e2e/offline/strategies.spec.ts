/** An app's own workbox strategies on signed requests, with their plugins. */
import { expect, keptIn, read, test, type AnsweringServer } from '../support/kept-answers.js';
import type { TestApp } from '../support/fixtures.js';

const names = ['CacheFirst', 'NetworkFirst', 'StaleWhileRevalidate'] as const;

const at = (server: AnsweringServer, name: string, index = 0): string =>
  `${server.origin}/tile/${index}?with=${name}`;

const untilKept = (app: TestApp, count = 1): Promise<void> =>
  expect.poll(async () => (await keptIn(app)).length).toBe(count);

test('each answers as it does without us, across a renewal and a stop of the worker', async ({
  keeping,
  server,
  portal,
}) => {
  let version = 0;
  server.answer = () => ({ body: `version ${version}`, headers: { 'cache-control': 'no-store' } });
  for (const name of names) expect(await read(keeping, at(server, name))).toBe('version 0');
  await untilKept(keeping, 3);
  const entries = await keptIn(keeping);
  expect(entries.map(({ url }) => url).sort()).toEqual(names.map((name) => at(server, name)));
  expect(portal.log.leaks(JSON.stringify(entries)), 'neither keys nor answers hold a token').toEqual([]);
  for (const { cache } of entries)
    expect(cache).toMatch(/^identity-worker:\/:strategy:[\w-]{43}:(first|second|third)$/);
  version = 1;
  portal.control.expireAccessTokens();
  await keeping.stopWorker();
  expect(await read(keeping, at(server, 'CacheFirst'))).toBe('version 0');
  expect(server.received()).toHaveLength(3);
  expect(keeping.tokenRequests()).toBe(0);
  expect(await read(keeping, at(server, 'NetworkFirst'))).toBe('version 1');
  expect(await read(keeping, at(server, 'StaleWhileRevalidate'))).toBe('version 0');
  await expect.poll(() => read(keeping, at(server, 'StaleWhileRevalidate'))).toBe('version 1');
  expect(server.received().every(({ url }) => url.searchParams.has('token'))).toBe(true);
  // As workbox reports it.
  keeping.expectedFaults.push('no-response');
  await keeping.page.context().setOffline(true);
  for (const [index, name] of names.entries())
    expect(await read(keeping, at(server, name))).toBe(`version ${Math.min(index, 1)}`);
  expect(await read(keeping, at(server, 'CacheFirst', 7))).toBe('TypeError');
});

test('the plugins work on the cache of the user', async ({ keeping, server }) => {
  server.answer = ({ headers }) =>
    headers.range === undefined
      ? { body: '0123456789', headers: { 'content-type': 'application/octet-stream' } }
      : { status: 206, body: '2345', headers: { 'content-range': 'bytes 2-5/10' } };
  const part = { headers: { range: 'bytes=2-5' } };
  expect(await keeping.fetch(at(server, 'CacheFirst'), part)).toMatchObject({ status: 206, text: '2345' });
  expect(await keptIn(keeping), 'a part is not kept').toEqual([]);
  expect(await read(keeping, at(server, 'CacheFirst'))).toBe('0123456789');
  await untilKept(keeping);
  const count = server.received().length;
  expect(await keeping.fetch(at(server, 'CacheFirst'), part)).toMatchObject({ status: 206, text: '2345' });
  expect(server.received(), 'a part of the whole answer that is kept').toHaveLength(count);
  for (let index = 1; index < 6; index += 1) await read(keeping, at(server, 'CacheFirst', index));
  await expect
    .poll(async () => (await keptIn(keeping)).map(({ url }) => new URL(url).pathname))
    .toEqual(['/tile/3', '/tile/4', '/tile/5']);
});

test('with nobody signed in there is no cache, and what no registration matches is the strategy’s own', async ({
  keeping,
  server,
}) => {
  await keeping.run(() => window.identity.signOut());
  for (const name of names) expect(await read(keeping, at(server, name))).toBe('content');
  expect(await keeping.run(() => caches.keys())).toEqual(['identity-worker:sign-outs']);
  expect(await read(keeping, `${keeping.url}/signed-in.html?with=CacheFirst`)).toContain('<html');
  await expect.poll(() => keeping.run(() => caches.keys())).toContain('first');
});
