/** A second call of `IdentityManager.instance`: which of its options differ from those of the first. */
import { expect, test } from 'vitest';
import { differingOptions } from './option-warnings.js';
import type { IdentityManagerOptions } from './options.js';

const base = 'https://app.example/map/index.html';

test.each<[string, IdentityManagerOptions, IdentityManagerOptions]>([
  ['nothing', {}, {}],
  ['the same URL in another spelling', { worker: '/sw.js' }, { worker: new URL('/sw.js', base) }],
  ['the same scope, relative and absolute', { scope: './' }, { scope: 'https://app.example/map/' }],
  ['a default that is named', {}, { login: 'popup', type: 'classic' }],
  ['an option that is undefined', { language: undefined }, {}],
  ['texts in another order', { texts: { title: 'a', cancel: 'b' } }, { texts: { cancel: 'b', title: 'a' } }],
])('%s is no difference', (_, first, second) => {
  expect(differingOptions(first, second, base)).toEqual([]);
  expect(differingOptions(second, first, base)).toEqual([]);
});

test.each<[string, IdentityManagerOptions, IdentityManagerOptions, string[]]>([
  ['another worker', { worker: '/sw.js' }, { worker: 'sw.js' }, ['worker']],
  ['a worker where there was none', {}, { worker: '/sw.js' }, ['worker']],
  ['a scope that is left out', { worker: '/sw.js', scope: '/' }, { worker: '/sw.js' }, ['scope']],
  [
    'another login and language',
    { login: 'none', language: 'de' },
    { language: 'fr' },
    ['language', 'login'],
  ],
  ['one text', { texts: { title: 'a' } }, { texts: { title: 'b' } }, ['texts']],
  ['a malformed URL', { worker: 'https://' }, { worker: '/sw.js' }, ['worker']],
])('%s is named', (_, first, second, names) => {
  expect(differingOptions(first, second, base)).toEqual(names);
  expect(differingOptions(second, first, base)).toEqual(names);
});
