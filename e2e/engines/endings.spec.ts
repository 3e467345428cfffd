/** How requests end that outlive their page, or that it aborts. */
import { cannot, expect, test } from './fixtures.js';

for (const way of ['keepalive', 'beacon'] as const)
  test(`a request that outlives its page is signed: ${way}`, async ({ app, portal, engine }) => {
    if (way === 'keepalive') cannot(engine, 'firefox', 'Firefox sends it past the worker.');
    await app.open();
    await app.signIn('ana');
    portal.log.clear();
    await app.page.run(
      ([url, how]) =>
        addEventListener('pagehide', () => {
          if (how === 'beacon') navigator.sendBeacon(url, 'gone');
          else void fetch(url, { method: 'POST', body: 'gone', keepalive: true });
        }),
      [app.hosted('Echo?f=json'), way] as const,
    );
    await app.page.goto(`${app.url}/signed-in.html`);
    const [sent] = await portal.log.waitFor({ path: /Echo$/, method: 'POST' });
    expect(sent).toMatchObject({ user: 'ana' });
  });

test('an abort within the body frees the portal at once', async ({ app, portal, engine }) => {
  cannot(engine, 'firefox', 'Firefox ends the request with the next piece of its body.');
  await app.open();
  await app.signIn('ana');
  portal.log.clear();
  await app.page.run(async (url) => {
    const stop = new AbortController();
    addEventListener('stop', () => stop.abort());
    const { body } = await fetch(url, { signal: stop.signal });
    const reader = body?.getReader();
    await reader?.read();
    reader?.read().catch(() => undefined);
  }, app.hosted('Big?mb=200&chunkMs=10000&f=json'));
  const leftAtMs = Date.now();
  await app.page.run(() => void dispatchEvent(new Event('stop')));
  const [closed] = await portal.log.waitFor({
    path: /Big$/,
    where: ({ closedByClientAtMs }) => closedByClientAtMs !== undefined,
  });
  // Before the next piece would have told the portal.
  expect((closed?.closedByClientAtMs ?? Infinity) - leftAtMs).toBeLessThan(5000);
});
