import { expect, test } from 'vitest';
import { COOKIE_NAME } from './cookie.js';
import { issueSealCookie } from './issue-cookie.js';
import { sealWorkerScript } from './seal.js';
import { ask, cookieOf, cookieValue, older, secret, workerFetch } from './testing.js';

const issue = issueSealCookie({ secrets: secret });
const page = (): Response =>
  new Response('<!doctype html>', {
    status: 201,
    headers: { 'content-type': 'text/html', 'cache-control': 'max-age=60', 'set-cookie': 'session=1' },
  });
const opening = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' };

test.each(['none', 'same-origin', 'same-site'])(
  'a page opened from %s brings the cookie along',
  async (site) => {
    const answer = await issue(ask('/', { ...opening, 'sec-fetch-site': site }), page());
    expect(answer.status).toBe(201);
    expect(await answer.text()).toBe('<!doctype html>');
    expect(answer.headers.get('content-type')).toBe('text/html');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.getSetCookie()).toEqual(['session=1', expect.stringContaining(COOKIE_NAME)]);
  },
);

test('with that cookie the first fetch of the worker gets its seal', async () => {
  const cookie = cookieOf(await issue(ask('/', opening), new Response()));
  const seal = sealWorkerScript({ secrets: secret, path: '/worker.js', script: () => '' });
  expect((await seal(ask('/worker.js', { ...workerFetch, cookie })))?.status).toBe(200);
});

test.each<[string, Record<string, string>, string?]>([
  // The browser may have a cookie and not send it: a new one would sign the user out.
  ['from another site', { ...opening, 'sec-fetch-site': 'cross-site' }],
  ['in a browser that does not tell from where', { 'sec-fetch-dest': 'document' }],
  ['without a destination', { 'sec-fetch-site': 'none' }],
  ['in a frame', { ...opening, 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-origin' }],
  ['by fetch', { ...opening, 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' }],
  ['as an image', { ...opening, 'sec-fetch-dest': 'image', 'sec-fetch-site': 'same-origin' }],
  ['by POST', opening, 'POST'],
])('no cookie for what is opened %s', async (_, headers, method) => {
  const answer = page();
  expect(await issue(ask('/', headers, method), answer)).toBe(answer);
  expect(answer.headers.getSetCookie()).toEqual(['session=1']);
});

test('a browser that has its cookie keeps it', async () => {
  const cookie = cookieOf(await issue(ask('/', opening), new Response()));
  const answer = page();
  expect(await issue(ask('/', { ...opening, cookie }), answer)).toBe(answer);
  const rotated = issueSealCookie({ secrets: [older, secret] });
  expect(await rotated(ask('/', { ...opening, cookie }), answer)).toBe(answer);
});

test('a cookie that does not count is replaced', async () => {
  const cookie = cookieOf(await issue(ask('/', opening), new Response()));
  const answer = await issueSealCookie({ secrets: older })(ask('/', { ...opening, cookie }), new Response());
  expect(cookieValue(answer)).not.toBe('');
  expect(cookieOf(answer)).not.toBe(cookie);
});

test('wrong secrets are refused at once', () => {
  expect(() => issueSealCookie({ secrets: '' })).toThrow(expect.objectContaining({ code: 'secret-missing' }));
});
