/** An access token that dies while requests are in flight. */
import { single, type Row } from '../report.js';
import type { Testbed } from '../testbed.js';
import type { Amounts } from './amounts.js';
import { distinctUrl, startWorker } from './rounds.js';

/** The server rejects all tokens while requests are in flight: one refresh, and every request succeeds. */
export async function expiry(testbed: Testbed, { expiry: { atOnce } }: Amounts): Promise<Row[]> {
  const ours = testbed.contender('ours');
  const refreshes = (): number =>
    testbed.portal.log.count({ path: /\/oauth2\/token\/?$/, grantType: 'refresh_token' });
  await startWorker(testbed, ours);
  const before = refreshes();
  testbed.data.refuseTokensSeen();
  const url = distinctUrl(`${testbed.dataUrl}/guarded/1024`);
  await ours.call('tiles', { url, bytes: 1024, count: atOnce, atOnce });
  const { refused } = testbed.data.counts(ours.origin);
  if (refused === 0) throw new Error('No request met an expired token.');
  return [
    single(
      `refreshes when the token dies under ${atOnce} requests [count]`,
      refreshes() - before,
      'one',
      1,
      1,
    ),
  ];
}
