/** What matching costs: requests to an origin that is not registered, and one registration in a thousand. */
import { compare, type Row } from '../report.js';
import type { ContenderName, Testbed } from '../testbed.js';
import type { Amounts } from './amounts.js';
import { distinctUrl, inRounds, label, samplesOf, overview } from './rounds.js';

export async function unregistered(
  testbed: Testbed,
  { unregistered: { count, rounds }, roundsMs }: Amounts,
): Promise<Row[]> {
  const names: ContenderName[] = [
    'none-query',
    'ours',
    'pass-through',
    'axa',
    'early-return',
    'static-route',
  ];
  const samples = await inRounds(testbed, names, { rounds, roundsMs }, async (contender) => {
    const job = {
      url: distinctUrl(`${testbed.otherUrl}/tile/1024`),
      bytes: 1024,
      count,
      atOnce: 6,
      unsigned: true,
    };
    return (await contender.call('tiles', job)) / count;
  });
  const work = 'unregistered origin, 1 KB, 6 at once [ms]';
  return [
    compare(work, samplesOf(samples, 'ours'), 'no worker', samplesOf(samples, 'none-query'), 1.02),
    compare(work, samplesOf(samples, 'ours'), label('axa'), samplesOf(samples, 'axa'), 1),
    ...overview(work, samples, 'none-query').filter(({ name }) => !name.endsWith(label('ours'))),
  ];
}

export async function registrations(
  testbed: Testbed,
  { registrations: { count, rounds }, roundsMs }: Amounts,
): Promise<Row[]> {
  const samples = await inRounds(testbed, ['ours', 'ours-1000'], { rounds, roundsMs }, async (contender) => {
    const job = { url: distinctUrl(`${testbed.dataUrl}/tile/1024`), bytes: 1024, count, atOnce: 6 };
    return (await contender.call('tiles', job)) / count;
  });
  return [
    compare(
      '1,000 registrations, 1 KB tile, 6 at once [ms]',
      samplesOf(samples, 'ours-1000'),
      'one registration',
      samplesOf(samples, 'ours'),
      1.02,
    ),
  ];
}
