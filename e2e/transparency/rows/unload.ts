/** Beacons and keepalive requests, of a page that stays and of one that unloads. */
import { readRequest, resent } from '../expected-differences.js';
import { echo, cors, isAnswered } from '../scenario.js';
import { row, type Row } from '../row.js';

/** Leaves the page for another of the app. */
const leave: Row['around'] = async (app, act) => {
  await act();
  await app.page.goto(`${app.url}/transparency/?elsewhere`);
};

export const unload: readonly Row[] = [
  row({
    name: 'sendBeacon',
    scenario: echo,
    action: ({ url }) => navigator.sendBeacon(url, 'seen'),
    waitsFor: { path: '/Echo', where: isAnswered },
    entries: 0,
    expectedDifferences: { ...resent, ...readRequest },
  }),
  row({
    name: 'sendBeacon of JSON',
    scenario: echo,
    configure: cors('echo-credentials'),
    action: ({ url }) => navigator.sendBeacon(url, new Blob(['{"a":1}'], { type: 'application/json' })),
    waitsFor: { path: '/Echo', method: 'POST', where: isAnswered },
    entries: 0,
    expectedDifferences: resent,
  }),
  row({
    name: 'sendBeacon at unload',
    scenario: echo,
    action: ({ url }) => addEventListener('pagehide', () => navigator.sendBeacon(url, 'gone')),
    around: leave,
    waitsFor: { path: '/Echo', where: isAnswered },
    entries: 0,
    expectedDifferences: { ...resent, ...readRequest },
  }),
  row({
    name: 'fetch with keepalive at unload',
    scenario: echo,
    action: ({ url }) =>
      addEventListener('pagehide', () => void fetch(url, { method: 'POST', body: 'gone', keepalive: true })),
    around: leave,
    waitsFor: { path: '/Echo', where: isAnswered },
    entries: 0,
    expectedDifferences: resent,
  }),
  row({
    name: 'sendBeacon to a foreign server at unload',
    scenario: ({ foreign }) => ({ url: `${foreign}/statistics` }),
    action: ({ url }) => addEventListener('pagehide', () => navigator.sendBeacon(url, 'gone')),
    around: leave,
    waitsFor: { server: 'foreign', where: isAnswered },
    entries: 0,
    unsecured: 'it is not the portal',
  }),
  row({
    name: 'fetch with keepalive to a foreign server at unload',
    scenario: ({ foreign }) => ({ url: `${foreign}/statistics` }),
    action: ({ url }) =>
      addEventListener('pagehide', () => void fetch(url, { method: 'POST', body: 'gone', keepalive: true })),
    around: leave,
    waitsFor: { server: 'foreign', where: isAnswered },
    entries: 0,
    unsecured: 'it is not the portal',
  }),
];
