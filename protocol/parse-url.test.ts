/** URLs that are parsed often. */
import { expect, test } from 'vitest';
import { parseUrl } from './parse-url.js';

test('a URL is parsed, absolute or relative to another one', () => {
  expect(parseUrl('https://gis.example.org/a b')?.href).toBe('https://gis.example.org/a%20b');
  expect(parseUrl('../c?d', 'https://gis.example.org/a/b')?.href).toBe('https://gis.example.org/c?d');
});

test.each(['', 'page.html', 'https://', 'https://[::1', 'http://a b/'])('%j is none', (text) => {
  expect(parseUrl(text)).toBeUndefined();
});

test('letters beyond ASCII are taken however often they come', () => {
  // Node 20 optimizes a function after some thousand calls.
  for (let count = 0; count < 20_000; count += 1)
    if (parseUrl('https://bücher.example/')?.host !== 'xn--bcher-kva.example')
      throw new Error(`Refused after ${count} calls.`);
});
