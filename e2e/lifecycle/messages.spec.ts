/** Messages that are not the client’s own: of other software, or of another version. */
import { expect, test } from '../support/fixtures.js';

test.beforeEach(({ app }) => app.open());

test('messages of other software change nothing and break nothing', async ({ app }) => {
  await app.run(async () => {
    const worker = navigator.serviceWorker.controller!;
    for (const message of [
      null,
      1,
      'x',
      [],
      {},
      { type: 'identity:connect' },
      { type: 'identity:nonsense', version: 1 },
      { type: 'CACHE_URLS', payload: { urlsToCache: ['/x'] } },
    ]) {
      worker.postMessage(message);
    }
    const { port2 } = new MessageChannel();
    worker.postMessage({ type: 'identity:connect', version: 1, payload: 1 }, [port2]);
  });
  await app.signIn('ana');
});

test('a page of another protocol version gets protocol-mismatch', async ({ app }) => {
  const answer = await app.run(async () => {
    const { port1, port2 } = new MessageChannel();
    navigator.serviceWorker.controller!.postMessage({ type: 'identity:connect', version: 99 }, [port2]);
    const answered = new Promise<string>((resolve) => {
      port1.addEventListener('message', ({ data }) => {
        if (data.id === 'x') resolve(JSON.stringify(data.value));
      });
    });
    port1.start();
    port1.postMessage({ id: 'x', type: 'APPLY', path: ['state'], argumentList: [] });
    return answered;
  });
  expect(JSON.parse(answer)).toEqual({
    ok: false,
    error: { code: 'protocol-mismatch', facts: { pageVersion: 99, workerVersion: 1 } },
  });
});
