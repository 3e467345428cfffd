/** integrity, priority, referrer. */
import { basicType, basicTypes, noDestination, readElement, rebuilt } from '../expected-differences.js';
import { file } from '../scenario.js';
import { row, type Row } from '../row.js';

/** Of `script.js`. */
const integrity = 'sha256-nLmAMUFWCa+5LmZRATa1s+lp2CiVRXEgHNV14NYUkdM=';

export const options: readonly Row[] = [
  ...([true, false] as const).map((isRight) =>
    row({
      name: `fetch with ${isRight ? 'the right' : 'a wrong'} integrity`,
      scenario: ({ hosted }) => ({
        url: `${hosted}/Files/script.js`,
        sum: isRight ? integrity : `sha256-${'A'.repeat(43)}=`,
      }),
      action: ({ url, sum }) => window.inspect.fetchAndDescribe(url, { integrity: sum }),
      expectedDifferences: isRight ? { ...rebuilt, ...basicType } : rebuilt,
    }),
  ),
  ...([true, false] as const).map((isRight) =>
    row({
      name: `<script> with ${isRight ? 'the right' : 'a wrong'} integrity`,
      scenario: ({ hosted }) => ({
        url: `${hosted}/Files/script.js`,
        sum: isRight ? integrity : `sha256-${'A'.repeat(43)}=`,
      }),
      action: ({ url, sum }) => {
        const script = Object.assign(document.createElement('script'), { src: url, integrity: sum });
        script.crossOrigin = 'anonymous';
        return window.inspect.loadElement(script);
      },
      expectedDifferences: { ...rebuilt, ...noDestination },
    }),
  ),
  row({
    name: 'priority',
    scenario: file('data.json'),
    action: async ({ url }) => [
      await window.inspect.fetchAndDescribe(url, { priority: 'high' }),
      await window.inspect.fetchAndDescribe(url, { priority: 'low' }),
    ],
    entries: 2,
    expectedDifferences: { ...rebuilt, ...basicTypes },
  }),
  ...(['no-referrer', 'unsafe-url', 'origin', 'same-origin'] as const).map((policy) =>
    row({
      name: `referrerPolicy: ${policy}`,
      scenario: ({ hosted }) => ({ url: `${hosted}/Files/data.json`, policy }),
      action: ({ url, policy: referrerPolicy }) =>
        window.inspect.fetchAndDescribe(url, { referrerPolicy: referrerPolicy as ReferrerPolicy }),
      expectedDifferences: { ...rebuilt, ...basicType },
    }),
  ),
  row({
    name: 'referrer of the page’s choice',
    scenario: file('data.json'),
    action: ({ url }) =>
      window.inspect.fetchAndDescribe(url, { referrer: '/elsewhere', referrerPolicy: 'unsafe-url' }),
    expectedDifferences: { ...rebuilt, ...basicType },
  }),
  row({
    name: '<img referrerpolicy>',
    scenario: file('dot.png'),
    action: ({ url }) =>
      window.inspect.loadImage(Object.assign(new Image(), { referrerPolicy: 'unsafe-url' }), url),
    expectedDifferences: { ...readElement, 'page.pixels': 'readWithCors' },
  }),
];
