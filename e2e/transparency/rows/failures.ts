/** What goes wrong: errors of server and network, CORS, aborts. */
import { basicType, rebuilt, rebuiltEmpty, resent } from '../expected-differences.js';
import { cors, distinct, file, isClosed } from '../scenario.js';
import { row, type Row } from '../row.js';

export const failures: readonly Row[] = [
  row({
    name: 'an answer of status 503',
    scenario: file('data.json'),
    configure: ({ control }) => control.fault('/Files/', { status: 503, retryAfterS: 9 }),
    action: ({ url }) => window.inspect.fetchAndDescribe(url),
    unsecured: 'the server is down',
    expectedDifferences: { ...rebuilt, ...basicType },
  }),
  row({
    name: 'a body that breaks off',
    scenario: file('data.json'),
    configure: ({ control }) => control.fault('/Files/', { drop: 'body' }),
    action: async ({ url }) => {
      const response = await fetch(url);
      return { status: response.status, body: await response.text().catch(window.inspect.describeError) };
    },
    unsecured: 'the server is broken',
    expectedDifferences: rebuiltEmpty,
  }),
  row({
    name: 'a server that cannot be reached',
    scenario: file('data.json'),
    configure: ({ control }) => control.fault('/Files/', { drop: true }),
    action: ({ url }) => window.inspect.fetchAndDescribe(url),
    unsecured: 'the server is broken',
    // A browser tries again by itself if the connection was not new.
    summary: (seen) => ({ ...seen, portal: distinct(seen.portal) }),
    expectedDifferences: resent,
  }),
  row({
    name: 'a server that does not list the app’s origin',
    scenario: file('data.json'),
    configure: cors('unlisted'),
    action: ({ url }) => window.inspect.fetchAndDescribe(url),
    expectedDifferences: resent,
  }),
  row({
    name: 'an abort before the answer',
    scenario: file('data.json'),
    action: ({ url }) => {
      const controller = new AbortController();
      const outcome = window.inspect.fetchAndDescribe(url, { signal: controller.signal });
      window.abort = () => {
        controller.abort();
        return outcome;
      };
    },
    around: async (app, act, portal) => {
      const hold = portal.control.hold('/Files/');
      await act();
      await hold.reached();
      const outcome = await app.run(() => window.abort?.());
      const wasClosed = await portal.log.waitFor({ where: isClosed }, 1, 2000).then(
        () => true,
        () => false,
      );
      hold.release();
      return { outcome, wasClosed };
    },
    unsecured: 'nothing is answered',
    expectedDifferences: { ...resent, 'page.wasClosed': 'abort' },
  }),
  row({
    name: 'an abort within the body',
    scenario: file('steps'),
    action: async ({ url }) => {
      const controller = new AbortController();
      const response = await fetch(url, { signal: controller.signal });
      const reader = response.body?.getReader();
      await reader?.read();
      controller.abort();
      return reader?.read().catch(window.inspect.describeError);
    },
    waitsFor: { where: isClosed },
    expectedDifferences: rebuiltEmpty,
  }),
  row({
    name: 'a reader that gives up within the body',
    scenario: file('steps'),
    action: async ({ url }) => {
      const reader = (await fetch(url)).body?.getReader();
      await reader?.read();
      await reader?.cancel();
    },
    waitsFor: { where: isClosed },
    expectedDifferences: rebuiltEmpty,
  }),
];
