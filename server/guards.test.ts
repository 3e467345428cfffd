import { expect, test } from 'vitest';
import { guardCallback, guardWorkers } from './guards.js';
import { ask, workerFetch } from './testing.js';

const guardOfCallback = guardCallback({ path: '/signed-in.html' });

test.each([
  '?code=abc&state=xyz',
  '?state=xyz&code=abc&iss=https%3A%2F%2Fportal.example',
  '?error=access_denied&error_description=no&state=xyz',
  '?code=abc',
  '?state=xyz',
  '?code=',
  '?%63ode=abc',
  '?lang=de&code=abc',
  '?code=abc&code=def',
  '?identity-worker=signed-in&code=abc',
  // A token in the fragment never reaches the server: every other address is taken to have one.
  '',
  '?',
  '?lang=de',
  '?decode=1',
])('an authorization response is redirected without its query: %s', (query) => {
  for (const method of ['GET', 'HEAD', 'POST']) {
    const answer = guardOfCallback(ask(`/signed-in.html${query}`, {}, method));
    expect(answer?.status).toBe(303);
    expect(Object.fromEntries(answer?.headers ?? [])).toEqual({
      'cache-control': 'no-store',
      location: '/signed-in.html?identity-worker=none#_',
      'referrer-policy': 'no-referrer',
    });
  }
});

test.each(['?identity-worker=none', '?identity-worker=signed-in', '?identity-worker=code-refused&lang=de'])(
  'the page itself is not answered: %s',
  (query) => {
    expect(guardOfCallback(ask(`/signed-in.html${query}`))).toBeUndefined();
  },
);

test.each([
  '/',
  '/signed-in',
  '/signed-in.html/',
  '/a/signed-in.html',
  '//signed-in.html',
  '/Signed-in.html',
])('other paths are not answered: %s', (path) => {
  expect(guardOfCallback(ask(`${path}?code=abc&state=xyz`))).toBeUndefined();
});

test.each([
  'signed-in.html',
  'https://app.example/signed-in.html',
  '/signed-in.html?a',
  '//a/b',
  '/a/../b',
  '',
])('an invalid path is refused immediately: %s', (path) => {
  expect(() => guardCallback({ path })).toThrow(expect.objectContaining({ code: 'path-invalid' }));
});

const guardOfWorkers = guardWorkers({ paths: ['/worker.js', '/push/worker.js'] });

test.each(['/worker.js', '/worker.js?v=2', '/push/worker.js'])('the app’s own %s is left alone', (path) => {
  expect(guardOfWorkers(ask(path, workerFetch))).toBeUndefined();
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
    expect(guardOfWorkers(ask(path, { [name]: workerFetch[name] ?? '' }))?.status).toBe(403);
  const answer = guardOfWorkers(ask(path, workerFetch));
  expect(answer?.headers.get('identity-worker-refusal')).toBe('another-worker');
  expect(answer?.headers.get('cache-control')).toBe('no-store');
});

test.each(['script', 'worker', 'sharedworker', 'empty', 'document'])(
  'a script that is loaded as %s is left alone',
  (destination) => {
    expect(guardOfWorkers(ask('/uploads/1.js', { 'sec-fetch-dest': destination }))).toBeUndefined();
  },
);

test('an invalid path of a worker is refused immediately', () => {
  expect(() => guardWorkers({ paths: ['/worker.js', 'worker.js'] })).toThrow(
    expect.objectContaining({ code: 'path-invalid' }),
  );
});
