/** Conditional requests and cache modes. */
import { basicTypes, rebuilt } from '../expected-differences.js';
import { file } from '../scenario.js';
import { row, type Row } from '../row.js';

export const caching: readonly Row[] = [
  row({
    name: 'a condition of the page’s own',
    given: file('data.json'),
    action: ({ url }) => window.look.fetchAndDescribe(url, { headers: { 'if-none-match': '*' } }),
    unsecured: 'the preflight refuses it to everybody',
  }),
  row({
    name: 'an answer that the browser has to revalidate',
    given: file('data.json?cache=no-cache'),
    action: async ({ url }) => [
      await window.look.fetchAndDescribe(url),
      await window.look.fetchAndDescribe(url),
    ],
    entries: 2,
    differs: { ...rebuilt, ...basicTypes },
  }),
  row({
    name: 'an answer that the browser may keep',
    given: file('data.json?cache=max-age%3D600'),
    action: async ({ url }) => [
      await window.look.fetchAndDescribe(url),
      await window.look.fetchAndDescribe(url),
    ],
    entries: 2,
    differs: { ...rebuilt, ...basicTypes },
  }),
  ...(['no-store', 'reload', 'no-cache', 'force-cache'] as const).map((cache) =>
    row({
      name: `cache: ${cache}`,
      given: ({ hosted }) => ({ url: `${hosted}/Files/data.json?cache=max-age%3D600`, cache }),
      action: async ({ url, cache: mode }) => [
        await window.look.fetchAndDescribe(url),
        await window.look.fetchAndDescribe(url, { cache: mode as RequestCache }),
        await window.look.fetchAndDescribe(url),
      ],
      entries: 3,
      differs: { ...rebuilt, ...basicTypes },
    }),
  ),
  row({
    name: 'cache: only-if-cached',
    given: file('data.json'),
    action: ({ url }) => window.look.fetchAndDescribe(url, { cache: 'only-if-cached', mode: 'same-origin' }),
    unsecured: 'the browser never sends it',
    entries: 0,
  }),
];
