import { expect, test } from 'vitest';
import { guardCallback } from './callback.js';
import { ask } from './testing.js';

const guard = guardCallback({ path: '/signed-in.html' });

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
])('an authorization response goes on without its query: %s', (query) => {
  for (const method of ['GET', 'HEAD', 'POST']) {
    const answer = guard(ask(`/signed-in.html${query}`, {}, method));
    expect(answer?.status).toBe(303);
    expect(Object.fromEntries(answer?.headers ?? [])).toEqual({
      'cache-control': 'no-store',
      location: '/signed-in.html?identity-worker=none#',
      'referrer-policy': 'no-referrer',
    });
  }
});

test.each(['?identity-worker=none', '?identity-worker=signed-in', '?identity-worker=code-refused&lang=de'])(
  'the clean page is not ours: %s',
  (query) => {
    expect(guard(ask(`/signed-in.html${query}`))).toBeUndefined();
  },
);

test.each([
  '/',
  '/signed-in',
  '/signed-in.html/',
  '/a/signed-in.html',
  '//signed-in.html',
  '/Signed-in.html',
])('other paths are not ours: %s', (path) => {
  expect(guard(ask(`${path}?code=abc&state=xyz`))).toBeUndefined();
});

test.each([
  'signed-in.html',
  'https://app.example/signed-in.html',
  '/signed-in.html?a',
  '//a/b',
  '/a/../b',
  '',
])('a path that is none is refused at once: %s', (path) => {
  expect(() => guardCallback({ path })).toThrow(expect.objectContaining({ code: 'path-invalid' }));
});
