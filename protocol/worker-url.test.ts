/** A registration as query of the worker's script URL: what is written is read back, always as the same text. */
import { expect, test } from 'vitest';
import { readRegistration, registrationFields, writeRegistration } from './worker-url.js';

/** Attributes of a script tag. */
const attributes = (text: Record<string, string>) => ({ get: (name: string) => text[name] ?? null });

const full = {
  portal: 'https://gis.example.org/portal',
  'client-id': 'a&b=c d+e%20f#g',
  'redirect-uri': 'urn:ietf:wg:oauth:2.0:oob',
  name: 'Größe & Co "名"',
  'token-placement': 'header',
  servers: 'https://a.example/server https://b.example/server',
  resources: '',
  persistence: 'sealed',
  callback: 'worker',
  'callback-page': '/signed-in.html',
};

test.each([
  ['all fields', full],
  ['one field', { portal: 'https://gis.example.org' }],
  ['no field', {}],
  ['an empty field, which is not a missing one', { name: '' }],
])('reads back %s', (_, text) => {
  expect(readRegistration(new URLSearchParams(writeRegistration(attributes(text))))).toEqual(text);
});

test('writes the same text whatever the order of the attributes: another URL would be another worker', () => {
  const reversed = Object.fromEntries(Object.entries(full).toReversed());
  expect(writeRegistration(attributes(reversed))).toBe(writeRegistration(attributes(full)));
  expect([...new URLSearchParams(writeRegistration(attributes(full))).keys()]).toEqual([
    ...registrationFields,
  ]);
});

test('survives a URL as its search', () => {
  const url = new URL('https://app.example/identity-worker.js');
  url.search = writeRegistration(attributes(full));
  expect(readRegistration(new URL(url.href).searchParams)).toEqual(full);
});

test('ignores what is no field', () => {
  expect(readRegistration(new URLSearchParams('portal=p&client-secret=s&__proto__=x'))).toEqual({
    portal: 'p',
  });
});
