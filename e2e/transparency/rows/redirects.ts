/** Redirects in every mode. */
import { askedAgain, networkAnswer, noDestination, resent } from '../expected-differences.js';
import { row, type Places, type Row } from '../row.js';

const redirectTo = (target: (at: Places) => string) => (at: Places) => ({
  url: `${at.hosted}/Redirect?to=${encodeURIComponent(target(at))}`,
});
const toServer = redirectTo(({ hosted }) => `${hosted}/PublicFiles/data.json?cache=no-store`);
export const toStranger = redirectTo(({ stranger }) => `${stranger}/landing`);
const toPicture = redirectTo(({ hosted }) => `${hosted}/PublicFiles/dot.png?cache=no-store`);

export const redirects: readonly Row[] = [
  row({
    name: 'redirect: follow, on the same server',
    given: toServer,
    action: ({ url }) => window.look.fetchAndDescribe(url),
    differs: askedAgain,
  }),
  row({
    name: 'redirect: follow, to somebody else’s server',
    given: toStranger,
    action: ({ url }) => window.look.fetchAndDescribe(url),
    differs: askedAgain,
  }),
  row({
    name: 'redirect: manual',
    given: toStranger,
    action: ({ url }) => window.look.fetchAndDescribe(url, { redirect: 'manual' }),
    differs: resent,
  }),
  row({
    name: 'redirect: error',
    given: toStranger,
    action: ({ url }) => window.look.fetchAndDescribe(url, { redirect: 'error' }),
    differs: resent,
  }),
  row({
    name: '<img> that is redirected',
    given: toPicture,
    action: ({ url }) => window.look.loadImage(new Image(), url),
    differs: { ...networkAnswer, ...noDestination },
  }),
  row({
    name: '<img crossorigin> that is redirected',
    given: toPicture,
    action: ({ url }) => window.look.loadImage(Object.assign(new Image(), { crossOrigin: 'anonymous' }), url),
    differs: askedAgain,
  }),
  row({
    name: 'XMLHttpRequest that is redirected',
    given: toServer,
    action: ({ url }) => window.look.sendXhr('GET', url),
    differs: askedAgain,
  }),
];
