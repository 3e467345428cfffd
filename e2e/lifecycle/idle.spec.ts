/** Field cases of the worker itself: it cannot be had, it is left alone, it is asked by the app's own workers. */
import { expect, test } from '../support/fixtures.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';

for (const [what, worker, code] of [
  ['is not there', '/nowhere.js', 'worker-script-missing'],
  ['is a page', '/signed-in.html', 'worker-script-wrong-type'],
] as const) {
  test(`A3: a worker that ${what}: signing in fails at once, and nobody is sent to the portal`, async ({
    app,
  }) => {
    await app.page.goto(`${app.url}/?worker=${worker}`);
    await app.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(app.page.getByRole('status')).toHaveText(code);
    await expect.poll(() => app.page.context().pages().length).toBe(1);
    expect(app.portal.log.entries).toEqual([]);
  });
}

test('A2: on the first visit the first request after ready is signed for who is signed in', async ({
  app,
}) => {
  await app.open();
  await app.signIn('ana');
  // A visit without a worker, but with the session: what a browser update or a cleared registration leaves.
  await app.run(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations())
      await registration.unregister();
  });
  await app.page.reload();
  const answer = await app.run(async (url) => {
    while (!('identity' in window)) await new Promise(requestAnimationFrame);
    await window.identity.ready;
    return (await fetch(url)).json() as Promise<unknown>;
  }, app.hosted(count));
  expect(answer).toEqual({ count: expect.any(Number) });
  expect(app.portal.log.requests({ path: /query$/ })).toMatchObject([{ tokenPlacement: 'query' }]);
});

test('A11: the worker’s own token requests are plain forms, whatever request made them necessary', async ({
  app,
}) => {
  await app.open();
  await app.signIn('ana');
  app.portal.control.expireAccessTokens();
  await app.fetch(app.hosted('Echo/FeatureServer/echo?f=json'), {
    method: 'POST',
    body: '{"a":1}',
    headers: { 'content-type': 'application/json' },
  });
  const requests = app.portal.log.requests({ path: /\/oauth2\/token\/?$/ });
  expect(requests.map(({ method, grantType, query }) => [method, grantType, query])).toEqual([
    ['POST', 'authorization_code', ''],
    ['POST', 'refresh_token', ''],
  ]);
  for (const { requestHeaders } of requests)
    expect(requestHeaders['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
});

test('A13: workers of the app are signed for: from a file, a blob, another server’s script, shared, and of a worker', async ({
  app,
}) => {
  await app.open();
  await app.signIn('ana');
  const answers = await app.run(
    async ([url, elsewhere]) => {
      const script = '/transparency/asker.js';
      const blob = (code: string): string => URL.createObjectURL(new Blob([code]));
      const nested = `const inner = new Worker('${location.origin}${script}');
        onmessage = ({ data }) => inner.postMessage(data);
        inner.onmessage = ({ data }) => postMessage(data);`;
      const dedicated = [
        script,
        blob(await (await fetch(script)).text()),
        blob(`importScripts('${elsewhere}${script}')`),
        blob(nested),
      ].map((source) => new Worker(source));
      const { port } = new SharedWorker(script);
      port.start();
      return Promise.all(
        [...dedicated, port].map(
          (worker: Worker | MessagePort) =>
            new Promise((resolve) => {
              worker.addEventListener('message', (event) => {
                resolve(((event as MessageEvent).data as { text: string }).text);
              });
              worker.postMessage({ url, how: 'fetch' });
            }),
        ),
      );
    },
    [app.hosted(count), app.url.replace('localhost', '127.0.0.1')] as [string, string],
  );
  expect(answers).toEqual(Array.from({ length: 5 }, () => expect.stringMatching(/^\{"count":\d+\}$/)));
  expect(app.tokenRequests()).toBe(1);
});

test('B2: ten idle minutes of a page cause no request at all', async ({ app }) => {
  await app.page.clock.install();
  await app.open();
  await app.signIn('ana');
  const addresses: string[] = [];
  app.page.context().on('request', (request) => addresses.push(request.url()));
  await app.page.clock.runFor('10:00');
  // Control: a request would be seen, and the page has come to its end of the ten minutes.
  const last = app.hosted(count);
  expect(await app.fetchJson(last)).toEqual({ count: expect.any(Number) });
  expect(addresses.filter((address) => !address.startsWith(last))).toEqual([]);
  expect(addresses.length).toBeGreaterThan(0);
});
