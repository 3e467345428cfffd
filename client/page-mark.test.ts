/** A page that takes no response of a sign-in, told from all others that a sign-in window may show. */
import { expect, test } from 'vitest';
import { isStranded, markPage } from './page-mark.js';

const authorizationUrl =
  'https://gis.example.org/authorize?response_type=code&state=s1&redirect_uri=https%3A%2F%2Fapp.example%2Fback.html';

const at = (address: string, readyState = 'complete') => {
  const { href, origin, pathname } = new URL(address);
  return { document: { readyState }, location: { href, origin, pathname } } as unknown as Window;
};

test.each([
  ['the redirect URI', 'https://app.example/back.html?code=c1&state=s1'],
  ['the redirect URI, without the response', 'https://app.example/back.html'],
  ['another address with the response', 'https://app.example/?code=c1&state=s1'],
  [
    'a sign-in page of the site that keeps the address',
    'https://app.example/login?next=%2Fback.html%3Fcode%3Dc1%26state%3Ds1',
  ],
  ['an error of the portal', 'https://app.example/404?error=access_denied&state=s1'],
])('a page without the library at %s is noticed', (_, address) => {
  expect(isStranded(at(address), authorizationUrl)).toBe(true);
});

test.each([
  ['the blank page that the window begins with', 'about:blank'],
  ['a sign-in page of the same origin', 'https://app.example/portal/authorize?response_type=code&state=s1'],
  [
    'an identity provider of the same origin that goes on to the portal',
    `https://app.example/idp?continue=${encodeURIComponent(authorizationUrl)}`,
  ],
  ['the response of another sign-in', 'https://app.example/other?code=c1&state=s2'],
  ['an address that cannot be decoded', 'https://app.example/%E0%A4%A?code=c1&state=s1'],
])('%s is left alone', (_, address) => {
  expect(isStranded(at(address), authorizationUrl)).toBe(false);
});

test('a page that is loading may have the library still', () => {
  expect(isStranded(at('https://app.example/back.html', 'interactive'), authorizationUrl)).toBe(false);
});

test('a page with the library takes the response, unless there is none', () => {
  const page = at('https://app.example/back.html?code=c1&state=s1');
  markPage(true, page);
  expect(isStranded(page, authorizationUrl)).toBe(false);
  const start = at('https://app.example/');
  markPage(false, start);
  expect(isStranded(start, authorizationUrl)).toBe(true);
});

test('a window that is gone, or of another origin, is none', () => {
  expect(isStranded(null, authorizationUrl)).toBe(false);
  const foreign = Object.defineProperty({}, 'document', {
    get: () => {
      throw new DOMException('cross-origin', 'SecurityError');
    },
  });
  expect(isStranded(foreign as unknown as Window, authorizationUrl)).toBe(false);
});
