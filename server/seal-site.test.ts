import { expect, test } from 'vitest';
import { REFUSAL_HEADER } from '../protocol/sealed-script.js';
import { sealSite, type SealSiteOptions } from './seal-site.js';
import { ask, cookieOf, secret, workerFetch } from './testing.js';

const make = (options: Partial<SealSiteOptions> = {}) =>
  sealSite({ secrets: secret, path: '/worker.js', script: () => 'self;', ...options });
const navigation = { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' };

test('a page brings the cookie that its worker gets the script with', async () => {
  const { answer, addCookie } = make();
  const visit = ask('/', navigation);
  expect(await answer(visit)).toBeUndefined();
  const page = await addCookie(visit, new Response('page'));
  const script = await answer(ask('/worker.js', { ...workerFetch, cookie: cookieOf(page) }));
  expect(await script?.text()).toContain('self;');
});

test('other workers are refused, but those of the app’s own', async () => {
  const { answer } = make({ otherWorkers: ['/push.js'] });
  const refused = await answer(ask('/upload.js', workerFetch));
  expect(refused?.headers.get(REFUSAL_HEADER)).toBe('another-worker');
  expect(await answer(ask('/push.js', workerFetch))).toBeUndefined();
});

test('the callback page is guarded where it is named', async () => {
  const response = ask('/signed-in.html?code=abc&state=xyz', navigation);
  expect(await make().answer(response)).toBeUndefined();
  expect((await make({ callbackPage: '/signed-in.html' }).answer(response))?.status).toBe(303);
});

test.each([
  [{ secrets: '' }, 'secret-missing'],
  [{ path: 'worker.js' }, 'path-invalid'],
  [{ callbackPage: 'signed-in.html' }, 'path-invalid'],
  [{ otherWorkers: ['push.js'] }, 'path-invalid'],
] as const)('%o is refused immediately: %s', (options, code) => {
  expect(() => make(options)).toThrow(expect.objectContaining({ code }) as Error);
});
