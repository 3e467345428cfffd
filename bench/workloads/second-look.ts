/** The same map a second time, after the token was renewed: tiles that their server lets browsers keep for an hour. */
import { compare, single, type Row } from '../report.js';
import type { Contender, ContenderName, Testbed } from '../testbed.js';
import type { Amounts } from './amounts.js';
import { distinctUrl, inRounds, label, samplesOf, type Samples } from './rounds.js';

/** Time to write what is kept, in ms. */
const WRITING_MS = 1_500;

const names: readonly ContenderName[] = ['none-query', 'ours', 'ours-offline', 'axa', 'rest-js'];

export async function secondLook(
  testbed: Testbed,
  { secondLook: { count, rounds } }: Amounts,
): Promise<Row[]> {
  const first: Samples = new Map(names.map((name) => [name, []]));
  const requests = new Map<ContenderName, number>();
  // Rounds are few and long: none is left out on a busy machine.
  const second = await inRounds(
    testbed,
    names,
    { rounds, roundsMs: Infinity },
    async (contender, isWarmUp) => {
      const job = {
        url: distinctUrl(`${testbed.linkUrl}/kept/10240`),
        bytes: 10_240,
        count: isWarmUp ? 12 : count,
        atOnce: 6,
      };
      const firstMs = await contender.call('tiles', job);
      if (!isWarmUp) first.get(contender.name)?.push(firstMs);
      // The tiles are written when the page no longer waits for any.
      await new Promise((resolve) => setTimeout(resolve, WRITING_MS));
      await renew(testbed, contender);
      const before = testbed.data.counts(contender.origin).requests;
      const secondMs = await contender.call('tiles', job);
      if (!isWarmUp) requests.set(contender.name, testbed.data.counts(contender.origin).requests - before);
      return secondMs;
    },
  );
  const work = `${count} tiles, 50 ms link`;
  const ours = 'ours-offline';
  const again = `${work}, second look after a renewal`;
  return [
    single(
      `${again}: requests [count]`,
      requests.get(ours) ?? NaN,
      label('none-query'),
      requests.get('none-query') ?? NaN,
      0,
    ),
    ...(['none-query', 'axa', 'rest-js'] as const).map((name) =>
      compare(
        `${again} [ms]: offline()`,
        samplesOf(second, ours),
        label(name),
        samplesOf(second, name),
        name === 'axa' ? null : 0.25,
      ),
    ),
    compare(
      `${work}, first visit [ms]: offline()`,
      samplesOf(first, ours),
      label('ours'),
      samplesOf(first, 'ours'),
      1.05,
    ),
    ...names
      .filter((name) => name !== 'none-query')
      .map((name) =>
        compare(
          `${again} [ms]: ${label(name)}`,
          samplesOf(second, name),
          label('none-query'),
          samplesOf(second, 'none-query'),
        ),
      ),
  ];
}

/** Another token: what signs in the page is told; our worker meets a server that no longer takes the last one. */
async function renew(testbed: Testbed, contender: Contender): Promise<void> {
  if (!contender.name.startsWith('ours')) return contender.call('renew');
  testbed.data.refuseTokensSeen();
  const url = distinctUrl(`${testbed.dataUrl}/guarded/16`);
  await contender.call('tiles', { url, bytes: 16, count: 1, atOnce: 1 });
}
