/** The works: what is done with each contender, in interleaved rounds, and which rows come of it. */
import { contenders, type Contender, type ContenderName, type Stage } from './stage.js';
import { compare, single, type Row } from './report.js';
import { median } from './statistics.js';

/** How much of each work is done. */
export interface Amounts {
  /** No new round of a work begins after this time: on a busy machine fewer rounds are measured. In ms. */
  roundsMs: number;
  /** Tiles a round, and rounds. */
  tiles: { count: number; rounds: number; kinds: readonly { bytes: number; atOnce: number }[] };
  link: { count: number; rounds: number };
  json: { mb: number; rounds: number };
  binary: { mb: number; rounds: number };
  upload: { mb: number; rounds: number };
  cold: { rounds: number };
  unregistered: { count: number; rounds: number };
  registrations: { count: number; rounds: number };
  expiry: { atOnce: number };
  heap: { requests: number; mb: number };
}

export const full: Amounts = {
  roundsMs: 25_000,
  tiles: {
    count: 25,
    rounds: 40,
    kinds: [1024, 30 * 1024].flatMap((bytes) => [6, 32].map((atOnce) => ({ bytes, atOnce }))),
  },
  link: { count: 50, rounds: 8 },
  json: { mb: 10, rounds: 25 },
  binary: { mb: 100, rounds: 8 },
  upload: { mb: 50, rounds: 5 },
  cold: { rounds: 40 },
  unregistered: { count: 25, rounds: 40 },
  registrations: { count: 25, rounds: 40 },
  expiry: { atOnce: 500 },
  heap: { requests: 10_000, mb: 100 },
};

export const quick: Amounts = {
  roundsMs: 3_500,
  tiles: { count: 15, rounds: 8, kinds: [{ bytes: 1024, atOnce: 6 }] },
  link: { count: 12, rounds: 4 },
  json: { mb: 10, rounds: 2 },
  binary: { mb: 20, rounds: 2 },
  upload: { mb: 10, rounds: 2 },
  cold: { rounds: 2 },
  unregistered: { count: 15, rounds: 6 },
  registrations: { count: 15, rounds: 6 },
  expiry: { atOnce: 500 },
  heap: { requests: 300, mb: 20 },
};

const MEGABYTE = 1024 * 1024;

/** A throughput of 0.97 is a time of this. */
const THROUGHPUT_TARGET = 1.03;

/** How much a heap may differ and still be called flat. */
const FLAT = 1.1;

const label = (name: ContenderName): string => contenders[name].label;

/** Distinct URLs for every sample: nothing comes from a cache. */
let sample = 0;
const distinct = (url: string): string => `${url}/${++sample}`;

type Samples = Map<ContenderName, number[]>;

/** Samples of one contender. */
const of = (samples: Samples, name: ContenderName): number[] => samples.get(name) ?? [];

/** All contenders in every round, each round beginning with another one. */
async function inRounds(
  stage: Stage,
  names: readonly ContenderName[],
  { rounds, roundsMs }: { rounds: number; roundsMs: number },
  measure: (contender: Contender, isWarmUp: boolean) => Promise<number>,
): Promise<Samples> {
  const samples: Samples = new Map(names.map((name) => [name, []]));
  // Round 0 opens connections and warms code up; it is not counted.
  const endAtMs = Date.now() + roundsMs;
  for (let round = 0; round <= rounds; round += 1) {
    if (round > 1 && Date.now() > endAtMs) break;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[(index + round) % names.length] as ContenderName;
      const contender = stage.contender(name);
      await wake(stage, contender);
      const value = await measure(contender, round === 0);
      if (round > 0) samples.get(name)?.push(value);
    }
  }
  return samples;
}

/** A worker that was idle may be stopped: it is started again before the clock runs. The peer's has forgotten its token then. */
async function wake(stage: Stage, contender: Contender): Promise<void> {
  if (contender.name === 'axa') await contender.call('signIn');
  else
    await contender.call('tiles', {
      url: distinct(`${stage.dataUrl}/tile/16`),
      bytes: 16,
      count: 1,
      atOnce: 1,
    });
}

/** Rows that only inform: every contender against the first one. */
const overview = (work: string, samples: Samples, base: ContenderName): Row[] =>
  [...samples.keys()]
    .filter((name) => name !== base)
    .map((name) => compare(`${work}: ${label(name)}`, of(samples, name), label(base), of(samples, base)));

const signers: readonly ContenderName[] = [
  'none-query',
  'none-header',
  'pass-through',
  'ours',
  'axa',
  'rest-js',
  'wrapper',
];

async function tiles(stage: Stage, { tiles: { count, rounds, kinds }, roundsMs }: Amounts): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { bytes, atOnce } of kinds) {
    stage.data.resetCounts();
    const samples = await inRounds(
      stage,
      [...signers, 'rebuild'],
      { rounds, roundsMs },
      async (contender) => {
        const job = { url: distinct(`${stage.dataUrl}/tile/${bytes}`), bytes, count, atOnce };
        return (await contender.call('tiles', job)) / count;
      },
    );
    for (const name of signers) checkSigned(stage, name);
    const work = `${bytes / 1024} KB tile, ${atOnce} at once [ms]`;
    rows.push(
      compare(
        `${work}: signed`,
        of(samples, 'ours'),
        label('pass-through'),
        of(samples, 'pass-through'),
        bytes === 1024 ? 1.05 : null,
      ),
      compare(`${work}: signed`, of(samples, 'ours'), label('axa'), of(samples, 'axa'), 1),
      ...overview(work, samples, 'none-query'),
    );
  }
  return rows;
}

async function link(stage: Stage, { link: { count, rounds }, roundsMs }: Amounts): Promise<Row[]> {
  const unsigned: number[] = [];
  stage.data.resetCounts();
  const samples = await inRounds(stage, signers, { rounds, roundsMs }, async (contender, isWarmUp) => {
    const job = {
      url: distinct(`${stage.linkUrl}/tile/1024`),
      bytes: 1024,
      count: isWarmUp ? 6 : count,
      atOnce: 6,
    };
    if (contender.name === 'none-query') {
      // The same page, the same tiles, no token: what the link itself costs.
      unsigned.push(await contender.call('tiles', { ...job, url: distinct(job.url), unsigned: true }));
    }
    return contender.call('tiles', job);
  });
  unsigned.shift();
  const { preflights, requests } = stage.data.counts(stage.contender('ours').origin);
  const work = `${count} tiles, 50 ms link [ms]`;
  const ours = of(samples, 'ours');
  return [
    compare(`${work}: signed`, ours, 'no worker, unsigned', unsigned, 1.05),
    ...(['axa', 'rest-js', 'wrapper'] as const).map((name) =>
      compare(`${work}: signed`, ours, label(name), of(samples, name), 1),
    ),
    single('preflights on that link [share of requests]', preflights / requests, 'one each', 1, 0),
    ...[...samples].map(([name, values]) =>
      compare(`${work}: ${label(name)}`, values, 'no worker, unsigned', unsigned),
    ),
  ];
}

async function json(stage: Stage, { json: { mb, rounds }, roundsMs }: Amounts): Promise<Row[]> {
  const names: ContenderName[] = [
    'none-query',
    'pass-through',
    'rebuild',
    'ours',
    'axa',
    'rest-js',
    'wrapper',
  ];
  const first: Samples = new Map(names.map((name) => [name, []]));
  const all = await inRounds(stage, names, { rounds, roundsMs }, async (contender) => {
    const { firstMs, allMs } = await contender.call(
      'big',
      distinct(`${stage.dataUrl}/json/${mb}`),
      mb * MEGABYTE,
    );
    first.get(contender.name)?.push(firstMs);
    return allMs;
  });
  for (const values of first.values()) values.shift();
  const toFirst = `${mb} MB JSON, first byte [ms]`;
  const toLast = `${mb} MB JSON, last byte [ms]`;
  return [
    compare(`${toFirst}: signed`, of(first, 'ours'), label('pass-through'), of(first, 'pass-through'), 1.05),
    compare(`${toFirst}: signed`, of(first, 'ours'), label('axa'), of(first, 'axa'), 1),
    compare(
      `${toLast}: signed`,
      of(all, 'ours'),
      label('pass-through'),
      of(all, 'pass-through'),
      THROUGHPUT_TARGET,
    ),
    compare(`${toLast}: signed`, of(all, 'ours'), label('axa'), of(all, 'axa'), 1),
    ...overview(toFirst, first, 'none-query'),
    ...overview(toLast, all, 'none-query'),
  ];
}

async function binary(stage: Stage, { binary: { mb, rounds }, roundsMs }: Amounts): Promise<Row[]> {
  const names: ContenderName[] = ['none-query', 'pass-through', 'rebuild', 'ours', 'axa'];
  const samples = await inRounds(stage, names, { rounds, roundsMs }, async (contender) => {
    return (await contender.call('big', distinct(`${stage.dataUrl}/binary/${mb}`), mb * MEGABYTE)).allMs;
  });
  const work = `${mb} MB binary, last byte [ms]`;
  return [
    compare(
      `${work}: signed`,
      of(samples, 'ours'),
      label('pass-through'),
      of(samples, 'pass-through'),
      THROUGHPUT_TARGET,
    ),
    compare(`${work}: signed`, of(samples, 'ours'), label('axa'), of(samples, 'axa'), 1),
    ...overview(work, samples, 'none-query'),
  ];
}

async function upload(stage: Stage, { upload: { mb, rounds }, roundsMs }: Amounts): Promise<Row[]> {
  const names: ContenderName[] = ['none-query', 'pass-through', 'ours', 'axa', 'rest-js'];
  const samples = await inRounds(stage, names, { rounds, roundsMs }, (contender) =>
    contender.call('upload', distinct(`${stage.dataUrl}/upload/0`), mb * MEGABYTE),
  );
  const work = `${mb} MB upload [ms]`;
  return [
    compare(`${work}: signed`, of(samples, 'ours'), label('axa'), of(samples, 'axa'), 1),
    compare(`${work}: signed`, of(samples, 'ours'), label('pass-through'), of(samples, 'pass-through')),
    ...overview(work, samples, 'none-query'),
  ];
}

/** The peer is not in it: after a stop its worker has no token, and its first request goes out unsigned. */
async function coldStart(stage: Stage, { cold: { rounds }, roundsMs }: Amounts): Promise<Row[]> {
  const names: ContenderName[] = ['pass-through', 'ours', 'ours-1000'];
  const stoppers = new Map(
    await Promise.all(names.map(async (name) => [name, await stopper(stage.contender(name))] as const)),
  );
  stage.data.resetCounts();
  const measure = async (contender: Contender): Promise<number> => {
    await stoppers.get(contender.name)?.stop();
    const url = distinct(`${stage.dataUrl}/tile/1024`);
    return contender.call('tiles', { url, bytes: 1024, count: 1, atOnce: 1 });
  };
  const one = await inRounds(stage, ['pass-through', 'ours'], { rounds, roundsMs }, measure);
  const many = await inRounds(
    stage,
    ['ours', 'ours-1000'],
    { rounds: Math.ceil(rounds / 2), roundsMs: roundsMs / 2 },
    measure,
  );
  for (const name of names) checkSigned(stage, name);
  for (const { end } of stoppers.values()) await end();
  const work = 'cold start to a signed 1 KB tile';
  return [
    compare(`${work} [ms]`, of(one, 'ours'), label('pass-through'), of(one, 'pass-through'), 1.25),
    compare(
      `${work}, 1,000 registrations [ms]`,
      of(many, 'ours-1000'),
      'one registration',
      of(many, 'ours'),
      1.02,
    ),
  ];
}

/** Stops the worker of one contender, and no other's. */
async function stopper({
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

export async function unregistered(
  stage: Stage,
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
  const samples = await inRounds(stage, names, { rounds, roundsMs }, async (contender) => {
    const job = {
      url: distinct(`${stage.otherUrl}/tile/1024`),
      bytes: 1024,
      count,
      atOnce: 6,
      unsigned: true,
    };
    return (await contender.call('tiles', job)) / count;
  });
  const work = 'unregistered origin, 1 KB, 6 at once [ms]';
  return [
    compare(work, of(samples, 'ours'), 'no worker', of(samples, 'none-query'), 1.02),
    compare(work, of(samples, 'ours'), label('axa'), of(samples, 'axa'), 1),
    ...overview(work, samples, 'none-query').filter(({ name }) => !name.endsWith(label('ours'))),
  ];
}

export async function registrations(
  stage: Stage,
  { registrations: { count, rounds }, roundsMs }: Amounts,
): Promise<Row[]> {
  const samples = await inRounds(stage, ['ours', 'ours-1000'], { rounds, roundsMs }, async (contender) => {
    const job = { url: distinct(`${stage.dataUrl}/tile/1024`), bytes: 1024, count, atOnce: 6 };
    return (await contender.call('tiles', job)) / count;
  });
  return [
    compare(
      '1,000 registrations, 1 KB tile, 6 at once [ms]',
      of(samples, 'ours-1000'),
      'one registration',
      of(samples, 'ours'),
      1.02,
    ),
  ];
}

/** All tokens die while requests are in flight: one refresh, and every request is answered. */
async function expiry(stage: Stage, { expiry: { atOnce } }: Amounts): Promise<Row[]> {
  const ours = stage.contender('ours');
  const refreshes = (): number =>
    stage.portal.log.count({ path: /\/oauth2\/token\/?$/, grantType: 'refresh_token' });
  await wake(stage, ours);
  const before = refreshes();
  stage.data.refuseTokensSeen();
  const url = distinct(`${stage.dataUrl}/guarded/1024`);
  await ours.call('tiles', { url, bytes: 1024, count: atOnce, atOnce });
  const { refused } = stage.data.counts(ours.origin);
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

async function heap(stage: Stage, { heap: { requests, mb } }: Amounts): Promise<Row[]> {
  const ours = stage.contender('ours');
  const fetchTiles = (count: number): Promise<number> =>
    ours.call('tiles', { url: distinct(`${stage.dataUrl}/tile/1024`), bytes: 1024, count, atOnce: 32 });
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
    ours.call('big', distinct(`${stage.dataUrl}/binary/${mb}`), mb * MEGABYTE),
  );
  const afterBytes = await worker.heapKb();
  const sentMb = mb / 2;
  const sendingPeak = await peakWhile(
    ours.call('upload', distinct(`${stage.dataUrl}/upload/0`), sentMb * MEGABYTE),
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

/** The memory of a contender's worker. The debugger is attached for this work alone. */
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

/** A contender that does not sign does not run the race. */
function checkSigned(stage: Stage, name: ContenderName): void {
  const { requests, signed } = stage.data.counts(stage.contender(name).origin);
  // The peer's sign-in is a request of its own, and carries no token.
  if (name === 'axa' ? signed === 0 : signed < requests)
    throw new Error(`${name} sent ${requests - signed} of ${requests} requests unsigned.`);
}

/** All works, by name. */
export const works = {
  tiles,
  link,
  json,
  binary,
  upload,
  coldStart,
  unregistered,
  registrations,
  expiry,
  heap,
};
