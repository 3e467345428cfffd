/** Which service workers an origin has is for its server to say. */
import { expect, test } from 'vitest';
import { guardWorkers } from './workers.js';
import { ask, workerFetch } from './testing.js';

const guard = guardWorkers({ paths: ['/worker.js', '/push/worker.js'] });

test.each(['/worker.js', '/worker.js?v=2', '/push/worker.js'])('the app’s own %s is left alone', (path) => {
  expect(guard(ask(path, workerFetch))).toBeUndefined();
});

test.each([
  '/uploads/1.js',
  '/',
  '/jsonp?callback=x',
  '/worker.js/',
  '//worker.js',
  '/Worker.js',
  '/%77orker.js',
  '/x/worker.js',
])('%s becomes no worker', async (path) => {
  for (const name of ['service-worker', 'sec-fetch-dest'])
    expect(guard(ask(path, { [name]: workerFetch[name] ?? '' }))?.status).toBe(403);
  const answer = guard(ask(path, workerFetch));
  expect(answer?.headers.get('identity-worker-refusal')).toBe('another-worker');
  expect(answer?.headers.get('cache-control')).toBe('no-store');
});

test.each(['script', 'worker', 'sharedworker', 'empty', 'document'])(
  'a script that is loaded as %s is left alone',
  (destination) => {
    expect(guard(ask('/uploads/1.js', { 'sec-fetch-dest': destination }))).toBeUndefined();
  },
);

test('a path that no URL has is told at once', () => {
  expect(() => guardWorkers({ paths: ['/worker.js', 'worker.js'] })).toThrow(
    expect.objectContaining({ code: 'path-invalid' }),
  );
});
