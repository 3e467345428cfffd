/** The same for a registration that takes tokens in a header only. */
import { networkAnswer, resent } from '../expected-differences.js';
import { echo, file } from '../scenario.js';
import { row, type Row } from '../row.js';
import { toForeign } from './redirects.js';

/** Where a page, too, sends the token in a header. */
const inHeader = (definition: Row): Row => ({
  ...definition,
  name: `${definition.name}, token in a header`,
  manual: 'header',
  placement: 'header',
});

/** Of the preflight too. */
const uncached = {
  'portal.*.headers.cache-control': 'uncached',
  'portal.*.headers.pragma': 'uncached',
} as const;

export const headers: readonly Row[] = [
  inHeader(
    row({
      name: 'fetch',
      scenario: file('data.json'),
      action: ({ url, token }) =>
        window.inspect.fetchAndDescribe(
          url,
          token === '' ? {} : { headers: { authorization: `Bearer ${token}` } },
        ),
      expectedDifferences: { ...networkAnswer, ...uncached },
    }),
  ),
  inHeader(
    row({
      name: 'POST of JSON',
      scenario: echo,
      action: async ({ url, token }) => {
        const sent = {
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
          'content-type': 'application/json',
        };
        const response = await fetch(url, { method: 'POST', body: '{"a":1}', headers: sent });
        const { url: shown, type, status, redirected } = response;
        const { tokenPlacement } = (await response.json()) as { tokenPlacement: unknown };
        return { shown, type, status, redirected, tokenPlacement };
      },
      expectedDifferences: networkAnswer,
    }),
  ),
  ...(['follow', 'manual', 'error'] as const).map((redirect) =>
    inHeader(
      row({
        name: `redirect: ${redirect}`,
        scenario: (at) => ({ ...toForeign(at), redirect }),
        action: ({ url, token, redirect: mode }) =>
          window.inspect.fetchAndDescribe(url, {
            redirect: mode as RequestRedirect,
            ...(token === '' ? {} : { headers: { authorization: `Bearer ${token}` } }),
          }),
        expectedDifferences: { ...(redirect === 'follow' ? networkAnswer : resent), ...uncached },
      }),
    ),
  ),
];
