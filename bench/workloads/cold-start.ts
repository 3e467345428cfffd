/** The first request of a worker that was stopped. */
import { compare, type Row } from '../report.js';
import type { Contender, ContenderName, Testbed } from '../testbed.js';
import type { Amounts } from './amounts.js';
import { checkSigned, distinctUrl, inRounds, label, samplesOf } from './rounds.js';

/** Without the axa worker: it has no token after a stop, and sends the first request unsigned. */
export async function coldStart(testbed: Testbed, { cold: { rounds }, roundsMs }: Amounts): Promise<Row[]> {
  const names: ContenderName[] = ['pass-through', 'ours', 'ours-1000'];
  const stoppers = new Map(
    await Promise.all(
      names.map(async (name) => [name, await workerStopper(testbed.contender(name))] as const),
    ),
  );
  testbed.data.resetCounts();
  const measure = async (contender: Contender): Promise<number> => {
    await stoppers.get(contender.name)?.stop();
    const url = distinctUrl(`${testbed.dataUrl}/tile/1024`);
    return contender.call('tiles', { url, bytes: 1024, count: 1, atOnce: 1 });
  };
  const one = await inRounds(testbed, ['pass-through', 'ours'], { rounds, roundsMs }, measure);
  const many = await inRounds(
    testbed,
    ['ours', 'ours-1000'],
    { rounds: Math.ceil(rounds / 2), roundsMs: roundsMs / 2 },
    measure,
  );
  for (const name of names) checkSigned(testbed, name);
  for (const { end } of stoppers.values()) await end();
  const work = 'cold start to a signed 1 KB tile';
  return [
    compare(
      `${work} [ms]`,
      samplesOf(one, 'ours'),
      label('pass-through'),
      samplesOf(one, 'pass-through'),
      1.25,
    ),
    compare(
      `${work}, 1,000 registrations [ms]`,
      samplesOf(many, 'ours-1000'),
      'one registration',
      samplesOf(many, 'ours'),
      1.02,
    ),
  ];
}

/** What stops the worker of one contender and leaves the others running. */
async function workerStopper({
  page,
  origin,
}: Contender): Promise<{ stop: () => Promise<void>; end: () => Promise<void> }> {
  const { browser } = page;
  const sessionId = await browser.attach(page.targetId);
  let versionId = '';
  let status = '';
  let changed = (): void => undefined;
  browser.on('ServiceWorker.workerVersionUpdated', sessionId, ({ versions }) => {
    for (const version of versions as { versionId: string; scriptURL: string; runningStatus: string }[]) {
      if (!version.scriptURL.startsWith(`${origin}/`)) continue;
      ({ versionId, runningStatus: status } = version);
    }
    changed();
  });
  const until = (wanted: string): Promise<void> =>
    new Promise((resolve) => {
      changed = () => {
        if (status === wanted) resolve();
      };
      changed();
    });
  await browser.send('ServiceWorker.enable', {}, sessionId);
  return {
    stop: async () => {
      await until('running');
      await browser.send('ServiceWorker.stopWorker', { versionId }, sessionId);
      await until('stopped');
    },
    end: () => browser.detach(sessionId),
  };
}
