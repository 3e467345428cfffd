/** integrity, priority, referrer. */
import { basicType, basicTypes, networkAnswer, noDestination, rebuilt } from '../expected-differences.js';
import { file } from '../scenario.js';
import { row, type Row } from '../row.js';

/** Of `script.js`. */
const integrity = 'sha256-nLmAMUFWCa+5LmZRATa1s+lp2CiVRXEgHNV14NYUkdM=';

export const options: readonly Row[] = [
  ...([true, false] as const).map((isRight) =>
    row({
      name: `fetch with ${isRight ? 'the right' : 'a wrong'} integrity`,
      given: ({ hosted }) => ({
        url: `${hosted}/Files/script.js`,
        sum: isRight ? integrity : `sha256-${'A'.repeat(43)}=`,
      }),
      action: ({ url, sum }) => window.look.fetchAndDescribe(url, { integrity: sum }),
      differs: isRight ? { ...rebuilt, ...basicType } : rebuilt,
    }),
  ),
  ...([true, false] as const).map((isRight) =>
    row({
      name: `<script> with ${isRight ? 'the right' : 'a wrong'} integrity`,
      given: ({ hosted }) => ({
        url: `${hosted}/Files/script.js`,
        sum: isRight ? integrity : `sha256-${'A'.repeat(43)}=`,
      }),
      action: ({ url, sum }) => {
        const script = Object.assign(document.createElement('script'), { src: url, integrity: sum });
        script.crossOrigin = 'anonymous';
        return window.look.loadElement(script);
      },
      differs: { ...rebuilt, ...noDestination },
    }),
  ),
  row({
    name: 'priority',
    given: file('data.json'),
    action: async ({ url }) => [
      await window.look.fetchAndDescribe(url, { priority: 'high' }),
      await window.look.fetchAndDescribe(url, { priority: 'low' }),
    ],
    entries: 2,
    differs: { ...rebuilt, ...basicTypes },
  }),
  ...(['no-referrer', 'unsafe-url', 'origin', 'same-origin'] as const).map((policy) =>
    row({
      name: `referrerPolicy: ${policy}`,
      given: ({ hosted }) => ({ url: `${hosted}/Files/data.json`, policy }),
      action: ({ url, policy: referrerPolicy }) =>
        window.look.fetchAndDescribe(url, { referrerPolicy: referrerPolicy as ReferrerPolicy }),
      differs: { ...rebuilt, ...basicType },
    }),
  ),
  row({
    name: 'referrer of the page’s choice',
    given: file('data.json'),
    action: ({ url }) =>
      window.look.fetchAndDescribe(url, { referrer: '/elsewhere', referrerPolicy: 'unsafe-url' }),
    differs: { ...rebuilt, ...basicType },
  }),
  row({
    name: '<img referrerpolicy>',
    given: file('dot.png'),
    action: ({ url }) =>
      window.look.loadImage(Object.assign(new Image(), { referrerPolicy: 'unsafe-url' }), url),
    differs: { ...networkAnswer, ...noDestination },
  }),
];
