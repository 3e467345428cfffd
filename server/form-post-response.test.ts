/** The redirect URI at an origin of its own: what its page posts on, and what it leaves behind. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { formPostResponse } from './form-post-response.js';
import { ask } from './testing.js';

const callbackPage = 'https://app.example/signed-in.html';
const handler = formPostResponse({ path: '/', callbackPage });
const fieldsIn = (html: string): string[] =>
  [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(
    ([, name, value]) => `${name}=${value}`,
  );

test('the response goes into a form for the callback page', async () => {
  const response = await handler(ask('/?code=the-code&state=s1&iss=https://a.example'));
  const html = (await response?.text()) ?? '';
  expect(response?.status).toBe(200);
  expect(html).toContain('<form method="post" action="https://app.example/signed-in.html">');
  expect(fieldsIn(html)).toEqual(['code=the-code', 'state=s1', 'iss=https://a.example']);
});

test('the page runs its one script, posts to the app, and tells nobody its address', async () => {
  const response = await handler(ask('/?code=the-code&state=s1'));
  const script = /<script>(.*)<\/script>/.exec((await response?.text()) ?? '')?.[1] ?? '';
  const hash = createHash('sha256').update(script).digest('base64');
  expect(Object.fromEntries(response?.headers ?? [])).toEqual({
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; script-src 'sha256-${hash}'; form-action https://app.example; frame-ancestors https://app.example; base-uri 'none'`,
    'content-type': 'text/html; charset=utf-8',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
});

test.each([
  ['markup', '"><script>alert(1)</script>'],
  ['quotes', `'"&<>`],
  ['an entity', '&quot;'],
])('%s in a response stays a value', async (_, value) => {
  const html = await (await handler(ask(`/?code=${encodeURIComponent(value)}&state=s1`)))?.text();
  const [code = ''] = fieldsIn(html ?? '');
  const decoded = code.replaceAll(/&#(\d+);/g, (__, point) => String.fromCharCode(Number(point)));
  expect(decoded).toBe(`code=${value}`);
  expect(html?.match(/<script>/g)).toHaveLength(1);
});

test.each(['/', '/?access_token=t', '/?post_logout=1'])(
  'without a response, the callback page is shown, without a fragment: %s',
  async (url) => {
    const response = await handler(ask(url));
    expect(response?.status).toBe(303);
    expect(response?.headers.get('location')).toBe(`${callbackPage}#_`);
  },
);

test('a response that is posted is none', async () => {
  expect((await handler(ask('/?code=the-code&state=s1', {}, 'POST')))?.status).toBe(303);
});

test.each(['/other', '/index.html?code=c'])('%s is not answered', async (url) => {
  expect(await handler(ask(url))).toBeUndefined();
});

test.each(['', '/signed-in.html', 'javascript:alert(1)', `${callbackPage}?x`, `${callbackPage}#x`])(
  '%s is no callback page',
  (given) => {
    expect(() => formPostResponse({ path: '/', callbackPage: given })).toThrow(
      expect.objectContaining({ code: 'callback-page-invalid' }),
    );
  },
);
