import { expect, test } from 'vitest';
import { COOKIE_NAME, issueSealCookie, readCookie, setCookie, setNewCookie } from './cookie.js';
import { readSecrets } from './keys.js';
import { sealWorkerScript } from './seal-worker-script.js';
import { ask, cookieOf, cookieValue, older, other, secret, workerFetch } from './testing.js';

const keys = readSecrets(secret);
const browserId = Uint8Array.from({ length: 16 }, (_, index) => index * 3);
const made = await setCookie(browserId, keys[0]);
const value = /=([^;]+)/.exec(made)?.[1] ?? '';
const pair = `${COOKIE_NAME}=${value}`;
const [id = '', code = ''] = value.split('.');

test('the cookie is for this host, over a secure connection, not for script, not for other sites, for 400 days', () => {
  expect(made).toBe(`${pair}; Max-Age=34560000; Path=/; Secure; HttpOnly; SameSite=Strict`);
  expect(COOKIE_NAME).toMatch(/^__Host-Http-/);
  expect(value).toMatch(/^[\w-]{22}\.[\w-]{43}$/);
});

test('every new browser gets an id of its own', async () => {
  const cookies = await Promise.all(Array.from({ length: 50 }, () => setNewCookie(keys[0])));
  expect(new Set(cookies).size).toBe(50);
});

test.each([
  ['alone', pair],
  ['among others', `a=1; ${pair}; b=2`],
  ['among others without spaces', `a=1;${pair};b=2`],
  [
    'among many',
    `${Array.from({ length: 500 }, (_, index) => `cookie${index}=${index}`).join('; ')}; ${pair}`,
  ],
  ['behind one whose name ends with ours', `x${COOKIE_NAME}=1; ${pair}`],
  ['behind one whose name begins with ours', `${COOKIE_NAME}-2=1; ${pair}`],
  ['behind one whose value looks like ours', `a=${pair}; ${pair}`],
  ['beside broken ones', `; ;=; a; ${pair}; =b`],
])('is read %s', async (_, header) => {
  expect(await readCookie(header, keys)).toEqual({ state: 'known', browserId });
});

test.each([
  ['no header', null],
  ['an empty header', ''],
  ['other cookies', 'a=1; b=2'],
  ['our name without a value', COOKIE_NAME],
  ['our name in capitals', pair.replace(COOKIE_NAME, COOKIE_NAME.toUpperCase())],
  ['the name that a script can set', pair.replace(COOKIE_NAME, '__Host-identity-worker')],
])('%s: missing', async (_, header) => {
  expect(await readCookie(header, keys)).toEqual({ state: 'missing' });
});

const swap = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);

test.each([
  ['an empty value', ''],
  ['the id alone', id],
  ['the id and a dot', `${id}.`],
  ['the code alone', `.${code}`],
  ['a part more', `${value}.${code}`],
  ['a quoted value', `"${value}"`],
  ['a value in another encoding', encodeURIComponent(value).replace('.', '%2E')],
  ['a value with padding', `${id}==.${code}=`],
  ['a shorter id', `${id.slice(0, 20)}.${code}`],
  ['a longer id', `${id}AAAA.${code}`],
  ['a shorter code', `${id}.${code.slice(0, 40)}`],
  ['another browser with this code', `${swap(id, 0)}.${code}`],
  ['made up', `${'A'.repeat(22)}.${'A'.repeat(43)}`],
  ['code and id exchanged', `${code}.${id}`],
  ['not ASCII', `${id}.\u00e9${code.slice(1)}`],
  ['a line break', `${id}.${code}\r\nset-cookie: a=1`],
  ['very long', 'A'.repeat(1_000_000)],
  [
    'signed with a secret that the server never had',
    (await setCookie(browserId, readSecrets(other)[0])).split(/[=;]/)[1] ?? '',
  ],
])('%s: refused', async (_, changed) => {
  expect(await readCookie(`${COOKIE_NAME}=${changed}`, keys)).toEqual({ state: 'refused' });
});

test('any one character changed: refused', async () => {
  const dot = value.indexOf('.');
  for (let at = 0; at < value.length; at += 1) {
    if (at === dot) continue;
    expect(await readCookie(`${COOKIE_NAME}=${swap(value, at)}`, keys), `at ${at}`).toEqual({
      state: 'refused',
    });
  }
});

test.each([
  ['two good ones', `${pair}; ${(await setNewCookie(keys[0])).split(';')[0]}`],
  ['the same twice', `${pair}; ${pair}`],
  ['a good one and a bad one', `${pair}; ${COOKIE_NAME}=x`],
  ['a bad one and a good one', `${COOKIE_NAME}=x; ${pair}`],
])('%s: refused, because the server cannot tell which is the browser’s own', async (_, header) => {
  expect(await readCookie(header, keys)).toEqual({ state: 'refused' });
});

test('a cookie of an older secret is valid while that secret is listed', async () => {
  expect(await readCookie(pair, readSecrets([other, older, secret]))).toEqual({ state: 'known', browserId });
  expect(await readCookie(pair, readSecrets([other, older]))).toEqual({ state: 'refused' });
});

const issue = issueSealCookie({ secrets: secret });
const page = (): Response =>
  new Response('<!doctype html>', {
    status: 201,
    headers: { 'content-type': 'text/html', 'cache-control': 'max-age=60', 'set-cookie': 'session=1' },
  });
const opening = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' };

test.each(['none', 'same-origin', 'same-site'])('a page opened from %s sets the cookie', async (site) => {
  const answer = await issue(ask('/', { ...opening, 'sec-fetch-site': site }), page());
  expect(answer.status).toBe(201);
  expect(await answer.text()).toBe('<!doctype html>');
  expect(answer.headers.get('content-type')).toBe('text/html');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.getSetCookie()).toEqual(['session=1', expect.stringContaining(COOKIE_NAME)]);
});

test('with that cookie the first fetch of the worker gets the script', async () => {
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

test('an invalid cookie is replaced', async () => {
  const cookie = cookieOf(await issue(ask('/', opening), new Response()));
  const answer = await issueSealCookie({ secrets: older })(ask('/', { ...opening, cookie }), new Response());
  expect(cookieValue(answer)).not.toBe('');
  expect(cookieOf(answer)).not.toBe(cookie);
});

test('wrong secrets are refused immediately', () => {
  expect(() => issueSealCookie({ secrets: '' })).toThrow(expect.objectContaining({ code: 'secret-missing' }));
});
