/** The memory of the worker. */
import { single, type Row } from '../report.js';
import { median } from '../statistics.js';
import type { Contender, Testbed } from '../testbed.js';
import type { Amounts } from './amounts.js';
import { distinctUrl, MEGABYTE } from './rounds.js';

/** A heap that grew by no more than this counts as flat. */
const FLAT = 1.1;

export async function heap(testbed: Testbed, { heap: { requests, mb } }: Amounts): Promise<Row[]> {
  const ours = testbed.contender('ours');
  const fetchTiles = (count: number): Promise<number> =>
    ours.call('tiles', { url: distinctUrl(`${testbed.dataUrl}/tile/1024`), bytes: 1024, count, atOnce: 32 });
  await ours.page.activate();
  await fetchTiles(300);
  const worker = await workerOf(ours);
  await fetchTiles(100);
  const before = await worker.heapKb();
  await fetchTiles(requests);
  const afterRequests = await worker.heapKb();
  const peakWhile = async (work: Promise<unknown>): Promise<number> => {
    let peak = 0;
    const over = new AbortController();
    const done = work.finally(() => over.abort());
    while (!over.signal.aborted) {
      peak = Math.max(peak, await worker.usedKb());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await done;
    return peak;
  };
  const readingPeak = await peakWhile(
    ours.call('big', distinctUrl(`${testbed.dataUrl}/binary/${mb}`), mb * MEGABYTE),
  );
  const afterBytes = await worker.heapKb();
  const sentMb = mb / 2;
  const sendingPeak = await peakWhile(
    ours.call('upload', distinctUrl(`${testbed.dataUrl}/upload/0`), sentMb * MEGABYTE),
  );
  await worker.end();
  return [
    single(
      `worker heap after ${requests.toLocaleString('en')} requests [KB]`,
      afterRequests,
      'before them',
      before,
      FLAT,
    ),
    single(`worker heap after ${mb} MB [KB]`, afterBytes, 'before them', before, FLAT),
    single(`worker heap while ${mb} MB pass, highest seen [KB]`, readingPeak, 'before them', before, null),
    single(
      `worker heap while ${sentMb} MB are sent, highest seen [KB]`,
      sendingPeak,
      'before them',
      afterBytes,
      null,
    ),
  ];
}

/** The memory of a contender's worker. Only this workload attaches a debugger, which slows a worker down. */
async function workerOf({ page, origin }: Contender): Promise<{
  heapKb: () => Promise<number>;
  usedKb: () => Promise<number>;
  end: () => Promise<void>;
}> {
  const { browser } = page;
  const target = (await browser.targets()).find(
    ({ type, url }) => type === 'service_worker' && url.startsWith(`${origin}/`),
  );
  if (!target) throw new Error('The worker does not run.');
  const sessionId = await browser.attach(target.targetId);
  const usedKb = async (): Promise<number> => {
    const usage = (await browser.send('Runtime.getHeapUsage', {}, sessionId)) as Record<string, number>;
    return (
      ((usage['usedSize'] ?? 0) + (usage['embedderHeapUsedSize'] ?? 0) + (usage['backingStorageSize'] ?? 0)) /
      1024
    );
  };
  return {
    usedKb,
    heapKb: async () => {
      const values: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        await browser.send('HeapProfiler.collectGarbage', {}, sessionId);
        values.push(await usedKb());
      }
      return median(values);
    },
    end: () => browser.detach(sessionId),
  };
}
