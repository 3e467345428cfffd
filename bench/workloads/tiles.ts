/** Small responses: tiles of two sizes on this machine, and many over a slow link. */
import { compare, single, type Row } from '../report.js';
import type { ContenderName, Testbed } from '../testbed.js';
import type { Amounts } from './amounts.js';
import { checkSigned, distinctUrl, inRounds, label, samplesOf, overview } from './rounds.js';

const signers: readonly ContenderName[] = [
  'none-query',
  'none-header',
  'pass-through',
  'ours',
  'axa',
  'rest-js',
  'wrapper',
];

export async function tiles(
  testbed: Testbed,
  { tiles: { count, rounds, kinds }, roundsMs }: Amounts,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { bytes, atOnce } of kinds) {
    testbed.data.resetCounts();
    const samples = await inRounds(
      testbed,
      [...signers, 'rebuild'],
      { rounds, roundsMs },
      async (contender) => {
        const job = { url: distinctUrl(`${testbed.dataUrl}/tile/${bytes}`), bytes, count, atOnce };
        return (await contender.call('tiles', job)) / count;
      },
    );
    for (const name of signers) checkSigned(testbed, name);
    const work = `${bytes / 1024} KB tile, ${atOnce} at once [ms]`;
    rows.push(
      compare(
        `${work}: signed`,
        samplesOf(samples, 'ours'),
        label('pass-through'),
        samplesOf(samples, 'pass-through'),
        bytes === 1024 ? 1.05 : null,
      ),
      compare(`${work}: signed`, samplesOf(samples, 'ours'), label('axa'), samplesOf(samples, 'axa'), 1),
      ...overview(work, samples, 'none-query'),
    );
  }
  return rows;
}

export async function link(testbed: Testbed, { link: { count, rounds }, roundsMs }: Amounts): Promise<Row[]> {
  const unsigned: number[] = [];
  testbed.data.resetCounts();
  const samples = await inRounds(testbed, signers, { rounds, roundsMs }, async (contender, isWarmUp) => {
    const job = {
      url: distinctUrl(`${testbed.linkUrl}/tile/1024`),
      bytes: 1024,
      count: isWarmUp ? 6 : count,
      atOnce: 6,
    };
    if (contender.name === 'none-query') {
      // The same page and tiles without a token: what the link itself costs.
      unsigned.push(await contender.call('tiles', { ...job, url: distinctUrl(job.url), unsigned: true }));
    }
    return contender.call('tiles', job);
  });
  unsigned.shift();
  const { preflights, requests } = testbed.data.counts(testbed.contender('ours').origin);
  const work = `${count} tiles, 50 ms link [ms]`;
  const ours = samplesOf(samples, 'ours');
  return [
    compare(`${work}: signed`, ours, 'no worker, unsigned', unsigned, 1.05),
    ...(['axa', 'rest-js', 'wrapper'] as const).map((name) =>
      compare(`${work}: signed`, ours, label(name), samplesOf(samples, name), 1),
    ),
    single('preflights on that link [share of requests]', preflights / requests, 'one each', 1, 0),
    ...[...samples].map(([name, values]) =>
      compare(`${work}: ${label(name)}`, values, 'no worker, unsigned', unsigned),
    ),
  ];
}
