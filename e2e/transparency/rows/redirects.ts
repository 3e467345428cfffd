/** Redirects in every mode. */
import { elementRedirect, readEntry, resent, resentRedirect } from '../expected-differences.js';
import { row, type Places, type Row } from '../row.js';

const redirectTo = (target: (at: Places) => string) => (at: Places) => ({
  url: `${at.hosted}/Redirect?to=${encodeURIComponent(target(at))}`,
});
const toServer = redirectTo(({ hosted }) => `${hosted}/PublicFiles/data.json?cache=no-store`);
export const toForeign = redirectTo(({ foreign }) => `${foreign}/landing`);
const toPicture = redirectTo(({ hosted }) => `${hosted}/PublicFiles/dot.png?cache=no-store`);

export const redirects: readonly Row[] = [
  row({
    name: 'redirect: follow, on the same server',
    scenario: toServer,
    action: ({ url }) => window.inspect.fetchAndDescribe(url),
    expectedDifferences: resentRedirect,
  }),
  row({
    name: 'redirect: follow, to a foreign server',
    scenario: toForeign,
    action: ({ url }) => window.inspect.fetchAndDescribe(url),
    expectedDifferences: resentRedirect,
  }),
  row({
    name: 'redirect: manual',
    scenario: toForeign,
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { redirect: 'manual' }),
    expectedDifferences: resent,
  }),
  row({
    name: 'redirect: error',
    scenario: toForeign,
    action: ({ url }) => window.inspect.fetchAndDescribe(url, { redirect: 'error' }),
    expectedDifferences: resent,
  }),
  row({
    name: '<img> that is redirected',
    scenario: toPicture,
    action: ({ url }) => window.inspect.loadImage(new Image(), url),
    expectedDifferences: { ...elementRedirect, ...readEntry, 'page.pixels': 'readWithCors' },
  }),
  row({
    name: '<img crossorigin> that is redirected',
    scenario: toPicture,
    action: ({ url }) =>
      window.inspect.loadImage(Object.assign(new Image(), { crossOrigin: 'anonymous' }), url),
    expectedDifferences: elementRedirect,
  }),
  row({
    name: 'XMLHttpRequest that is redirected',
    scenario: toServer,
    action: ({ url }) => window.inspect.sendXhr('GET', url),
    expectedDifferences: resentRedirect,
  }),
];
