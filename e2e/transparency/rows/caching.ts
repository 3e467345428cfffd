/** Conditional requests and cache modes. */
import { basicTypes, rebuilt } from '../expected-differences.js';
import { file } from '../scenario.js';
import { row, type Row } from '../row.js';

export const caching: readonly Row[] = [
  row({
    name: 'a condition of the page’s own',
    scenario: file('data.json'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { headers: { 'if-none-match': '*' } }),
    unsecured: 'the preflight refuses it with or without a token',
  }),
  row({
    name: 'an answer that the browser has to revalidate',
    scenario: file('data.json?cache=no-cache'),
    action: async ({ url }) => [
      await window.inspect.fetchAndDescribe(url),
      await window.inspect.fetchAndDescribe(url),
    ],
    entries: 2,
    expectedDifferences: { ...rebuilt, ...basicTypes },
  }),
  row({
    name: 'an answer that the browser may keep',
    scenario: file('data.json?cache=max-age%3D600'),
    action: async ({ url }) => [
      await window.inspect.fetchAndDescribe(url),
      await window.inspect.fetchAndDescribe(url),
    ],
    entries: 2,
    expectedDifferences: { ...rebuilt, ...basicTypes },
  }),
  ...(['no-store', 'reload', 'no-cache', 'force-cache'] as const).map((cache) =>
    row({
      name: `cache: ${cache}`,
      scenario: ({ hosted }) => ({ url: `${hosted}/Files/data.json?cache=max-age%3D600`, cache }),
      action: async ({ url, cache: mode }) => [
        await window.inspect.fetchAndDescribe(url),
        await window.inspect.fetchAndDescribe(url, { cache: mode as RequestCache }),
        await window.inspect.fetchAndDescribe(url),
      ],
      entries: 3,
      expectedDifferences: { ...rebuilt, ...basicTypes },
    }),
  ),
  row({
    name: 'cache: only-if-cached',
    scenario: file('data.json'),
    action: ({ url }) =>
      window.inspect.fetchAndDescribe(url, { cache: 'only-if-cached', mode: 'same-origin' }),
    unsecured: 'the browser never sends it',
    entries: 0,
  }),
];
