/**
 * `npm run soak`: twenty tabs, tokens that live five seconds, a worker that is stopped at random moments. Half an hour, or
 * `-- --minutes=2`; `--seed=7` repeats the stops of a run. Prints what pages, worker and database hold, and exits with 1 where it grows
 * or a request was not answered as it should be.
 */
import { chromium, type CDPSession, type Page } from '@playwright/test';
import { startAppServer } from '../demo/app-server.js';
import { startPortal } from '../demo/portal/index.js';
import { registration } from '../e2e/support/fixtures.js';
import { countQuery } from '../e2e/support/services.js';
import { TestApp } from '../e2e/support/test-app.js';
import { chromiumArgs, findChromium } from '../scripts/chromium.js';
import { seeded } from './scale/random.js';

const TABS = 20;
const SAMPLES = 12;

const numberOf = (name: string, otherwise: number): number => {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return given === undefined ? otherwise : Number(given.slice(name.length + 3));
};
const minutes = numberOf('minutes', 30);
const seed = numberOf('seed', Date.now() % 1_000_000);
const random = seeded(seed);

/** How much each may grow from the first third of the samples to the last: by this share, and by this much. */
const measures = {
  'heap of a page [kB]': { share: 0.2, slack: 400 },
  'heap of the worker [kB]': { share: 0.2, slack: 400 },
  'ports of a page': { share: 0, slack: 4 },
  'ports of the worker': { share: 0, slack: 8 },
  'listeners of a page': { share: 0, slack: 8 },
  'signals of the worker': { share: 0, slack: 60 },
  'records [kB]': { share: 0, slack: 2 },
} as const;
type Sample = Record<keyof typeof measures, number>;

/** Commands of the DevTools protocol to one page or worker. */
type Send = (method: string, parameters?: object) => Promise<Record<string, unknown>>;

/** How many objects of a class are alive in a page or worker. */
async function countOf(send: Send, name: string): Promise<number> {
  const objectOf = (answer: Record<string, unknown>, field: string): string =>
    (answer[field] as { objectId: string }).objectId;
  const objectGroup = 'soak';
  const prototype = await send('Runtime.evaluate', { expression: `${name}.prototype`, objectGroup });
  const prototypeObjectId = objectOf(prototype, 'result');
  const found = await send('Runtime.queryObjects', { prototypeObjectId, objectGroup });
  const { result } = (await send('Runtime.callFunctionOn', {
    objectId: objectOf(found, 'objects'),
    functionDeclaration: 'function () { return this.length; }',
    returnByValue: true,
  })) as { result: { value: number } };
  await send('Runtime.releaseObjectGroup', { objectGroup });
  return result.value;
}

async function heapOf(send: Send): Promise<number> {
  await send('HeapProfiler.collectGarbage');
  const { usedSize } = (await send('Runtime.getHeapUsage')) as { usedSize: number };
  return Math.round(usedSize / 1000);
}

/** Talks to the running worker. */
async function attachToWorker(session: CDPSession): Promise<{ send: Send; detach: () => Promise<unknown> }> {
  const { targetInfos } = await session.send('Target.getTargets');
  const targetId = targetInfos.find(({ type }) => type === 'service_worker')?.targetId;
  if (targetId === undefined) throw new Error('The worker does not run.');
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  let last = 0;
  const send: Send = (method, parameters = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      const receive = (event: { sessionId: string; message: string }): void => {
        const answer = JSON.parse(event.message) as {
          id?: number;
          result?: object;
          error?: { message: string };
        };
        if (event.sessionId !== sessionId || answer.id !== id) return;
        session.off('Target.receivedMessageFromTarget', receive);
        if (answer.error) reject(new Error(answer.error.message));
        else resolve((answer.result ?? {}) as Record<string, unknown>);
      };
      session.on('Target.receivedMessageFromTarget', receive);
      session
        .send('Target.sendMessageToTarget', {
          sessionId,
          message: JSON.stringify({ id, method, params: parameters }),
        })
        .catch(reject);
    });
  return { send, detach: () => session.send('Target.detachFromTarget', { sessionId }) };
}

/** Page code: the size of everything in the databases and caches of the origin, in bytes. */
const storedBytes = async (): Promise<number> => {
  const sizeOf = (value: unknown): number =>
    value instanceof ArrayBuffer || ArrayBuffer.isView(value)
      ? value.byteLength
      : typeof value === 'object' && value !== null
        ? Object.values(value).reduce((sum: number, each) => sum + sizeOf(each), 0)
        : String(value).length;
  let bytes = 0;
  for (const { name = '' } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open(name);
      opening.addEventListener('success', () => resolve(opening.result));
    });
    for (const store of db.objectStoreNames) {
      const reading = db.transaction(store).objectStore(store).getAll();
      await new Promise((resolve) => reading.addEventListener('success', resolve));
      bytes += sizeOf(reading.result);
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys())
      bytes += (await (await cache.match(request))?.arrayBuffer())?.byteLength ?? 0;
  }
  return bytes;
};

const portal = await startPortal();
const server = await startAppServer({
  folders: ['dist/e2e', 'e2e/pages', 'dist'],
  replacements: {
    __IDENTITY_CONFIG__: JSON.stringify(JSON.stringify({ arcgis: [registration(portal)] })).slice(1, -1),
    __PORTAL_URL__: portal.url,
  },
});
portal.addRedirectUri(`${server.url}/signed-in.html`);
portal.control.setAccessTokenLifetime(5);
const executablePath = findChromium();
const browser = await chromium.launch({
  args: chromiumArgs,
  ...(executablePath === undefined ? {} : { executablePath }),
});
const context = await browser.newContext();
// What tsx puts around the names of functions, in code that runs in a page.
await context.addInitScript({ content: 'globalThis.__name = (named) => named;' });
const session = await browser.newBrowserCDPSession();
const sessions = new Map<Page, CDPSession>();

async function sample([first]: readonly TestApp[]): Promise<Sample> {
  if (!first) throw new Error('There is no tab.');
  const { page } = first;
  const ofPage = sessions.get(page) ?? (await context.newCDPSession(page));
  sessions.set(page, ofPage);
  const toPage = ofPage.send.bind(ofPage) as unknown as Send;
  await toPage('Performance.enable');
  const heap = await heapOf(toPage);
  const { metrics } = (await toPage('Performance.getMetrics')) as {
    metrics: { name: string; value: number }[];
  };
  const bytes = await first.run(storedBytes);
  const worker = await attachToWorker(session);
  const row: Sample = {
    'heap of a page [kB]': heap,
    'heap of the worker [kB]': await heapOf(worker.send),
    'ports of a page': await countOf(toPage, 'MessagePort'),
    'ports of the worker': await countOf(worker.send, 'MessagePort'),
    'listeners of a page': metrics.find(({ name }) => name === 'JSEventListeners')?.value ?? 0,
    'signals of the worker': await countOf(worker.send, 'AbortSignal'),
    'records [kB]': Math.round(bytes / 100) / 10,
  };
  await worker.detach();
  return row;
}

const tabs: TestApp[] = [];
for (let index = 0; index < TABS; index += 1) {
  const app = new TestApp(await context.newPage(), portal, server.url);
  await app.open();
  if (index === 0) await app.signIn('ana');
  tabs.push(app);
}

const endAtMs = Date.now() + minutes * 60_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
let answered = 0;
let cut = 0;
const stops: { beganAtMs: number; endedAtMs: number }[] = [];
const failures: string[] = [];

/** A count as the page reads it; `isCut` where the response had arrived and its body broke off. */
const count = async (url: string): Promise<{ text: string; isCut: boolean }> => {
  let response: Response | undefined;
  try {
    response = await fetch(url);
    return { text: await response.text(), isCut: false };
  } catch (error) {
    return { text: String(error), isCut: response !== undefined };
  }
};

/** A stop breaks off the bodies that are on their way, as that of a worker which only passes requests on does: see docs/limits.md. */
const isStopBetween = (fromMs: number, toMs: number): boolean =>
  stops.some(({ beganAtMs, endedAtMs }) => beganAtMs <= toMs && endedAtMs >= fromMs);

/** One tab: requests to hosted and federated services, one after the other. */
async function use(app: TestApp, index: number): Promise<void> {
  for (let turn = 0; Date.now() < endAtMs; turn += 1) {
    const operation = countQuery(index * 1_000_000 + turn);
    const beganAtMs = Date.now();
    const { text, isCut } = await app.run(
      count,
      turn % 3 === 0 ? app.federated(operation) : app.hosted(operation),
    );
    if (text.includes('"count"')) answered += 1;
    else if (isCut && isStopBetween(beganAtMs, Date.now())) cut += 1;
    else failures.push(text.slice(0, 200));
    await pause(300 + 1200 * random());
  }
}

/** Stops the worker now and then; far enough apart for the browser to send a request again. */
async function stop(): Promise<void> {
  while (Date.now() < endAtMs) {
    await pause(4_000 + 16_000 * random());
    const moment = { beganAtMs: Date.now(), endedAtMs: Infinity };
    stops.push(moment);
    await tabs[0]?.stopWorker();
    moment.endedAtMs = Date.now();
  }
}

const samples: Sample[] = [];

async function watch(): Promise<void> {
  for (let index = 1; index <= SAMPLES; index += 1) {
    await pause(Math.max(0, endAtMs - ((SAMPLES - index) * minutes * 60_000) / SAMPLES - Date.now()));
    // The worker may be stopped in the middle: then the next moment is as good.
    const row = await sample(tabs).catch(() => pause(500).then(() => sample(tabs)));
    samples.push(row);
    console.log(
      Object.entries(row)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    );
  }
}

console.log(`${TABS} tabs, ${minutes} minutes, seed ${seed}`);
await Promise.all([...tabs.map(use), stop(), watch()]);

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const third = Math.floor(SAMPLES / 3);
let isFlat = true;
for (const [name, { share, slack }] of Object.entries(measures)) {
  const values = samples.map((row) => row[name as keyof Sample]);
  const [before, after] = [median(values.slice(0, third)), median(values.slice(-third))];
  const isWithin = after <= before * (1 + share) + slack;
  isFlat &&= isWithin;
  console.log(`${isWithin ? 'flat ' : 'GROWS'} ${name}: ${before} → ${after}`);
}
const tokens = tabs[0]?.tokenRequests('refresh_token');
console.log(
  `${answered} requests answered, ${cut} cut by a stop, ${failures.length} not; ${stops.length} stops, ${tokens} refreshes`,
);
for (const failure of failures.slice(0, 5)) console.log(failure);
await browser.close();
await server.close();
await portal.close();
if (!isFlat || failures.length > 0) process.exitCode = 1;
