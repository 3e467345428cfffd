/** Beacons and keepalive requests, of a page that stays and of one that goes. */
import { resent } from '../expected-differences.js';
import { echo, cors, isAnswered } from '../scenario.js';
import { row, type Row } from '../row.js';

/** Leaves the page for another of the app. */
const leave: Row['around'] = async (app, act) => {
  await act();
  await app.page.goto(`${app.url}/transparency/?elsewhere`);
};

export const farewells: readonly Row[] = [
  row({
    name: 'sendBeacon',
    given: echo,
    action: ({ url }) => navigator.sendBeacon(url, 'seen'),
    awaits: { path: '/Echo', where: isAnswered },
    entries: 0,
    differs: resent,
  }),
  row({
    name: 'sendBeacon of JSON',
    given: echo,
    set: cors('echo-credentials'),
    action: ({ url }) => navigator.sendBeacon(url, new Blob(['{"a":1}'], { type: 'application/json' })),
    awaits: { path: '/Echo', method: 'POST', where: isAnswered },
    entries: 0,
    differs: resent,
  }),
  row({
    name: 'sendBeacon of a page that goes',
    given: echo,
    action: ({ url }) => addEventListener('pagehide', () => navigator.sendBeacon(url, 'gone')),
    around: leave,
    awaits: { path: '/Echo', where: isAnswered },
    entries: 0,
    differs: resent,
  }),
  row({
    name: 'fetch with keepalive of a page that goes',
    given: echo,
    action: ({ url }) =>
      addEventListener('pagehide', () => void fetch(url, { method: 'POST', body: 'gone', keepalive: true })),
    around: leave,
    awaits: { path: '/Echo', where: isAnswered },
    entries: 0,
    differs: resent,
  }),
  row({
    name: 'sendBeacon to somebody else’s server of a page that goes',
    given: ({ stranger }) => ({ url: `${stranger}/statistics` }),
    action: ({ url }) => addEventListener('pagehide', () => navigator.sendBeacon(url, 'gone')),
    around: leave,
    awaits: { server: 'foreign', where: isAnswered },
    entries: 0,
    unsecured: 'it is not the portal',
  }),
  row({
    name: 'fetch with keepalive to somebody else’s server of a page that goes',
    given: ({ stranger }) => ({ url: `${stranger}/statistics` }),
    action: ({ url }) =>
      addEventListener('pagehide', () => void fetch(url, { method: 'POST', body: 'gone', keepalive: true })),
    around: leave,
    awaits: { server: 'foreign', where: isAnswered },
    entries: 0,
    unsecured: 'it is not the portal',
  }),
];
