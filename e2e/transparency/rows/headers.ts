/** The same for a registration that takes tokens in a header only. */
import { networkAnswer, resent } from '../expected-differences.js';
import { echo, file } from '../scenario.js';
import { row, type Row } from '../row.js';
import { toStranger } from './redirects.js';

/** Where a page, too, sends the token in a header. */
const inHeader = (definition: Row): Row => ({
  ...definition,
  name: `${definition.name}, token in a header`,
  byHand: 'header',
  placement: 'header',
});

/** Of the preflight too. */
const revalidated = { 'portal.*.headers.cache-control': 'unshared' } as const;

export const headers: readonly Row[] = [
  inHeader(
    row({
      name: 'fetch',
      given: file('data.json'),
      action: ({ url, token }) =>
        window.look.fetchAndDescribe(
          url,
          token === '' ? {} : { headers: { authorization: `Bearer ${token}` } },
        ),
      differs: { ...networkAnswer, ...revalidated },
    }),
  ),
  inHeader(
    row({
      name: 'POST of JSON',
      given: echo,
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
      differs: networkAnswer,
    }),
  ),
  ...(['follow', 'manual', 'error'] as const).map((redirect) =>
    inHeader(
      row({
        name: `redirect: ${redirect}`,
        given: (at) => ({ ...toStranger(at), redirect }),
        action: ({ url, token, redirect: mode }) =>
          window.look.fetchAndDescribe(url, {
            redirect: mode as RequestRedirect,
            ...(token === '' ? {} : { headers: { authorization: `Bearer ${token}` } }),
          }),
        differs: { ...(redirect === 'follow' ? networkAnswer : resent), ...revalidated },
      }),
    ),
  ),
];
