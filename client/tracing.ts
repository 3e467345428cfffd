/** Has the worker tell what it does to each request, and measures it in the browser's performance timeline. */
import { parseTraced, type TracedRequest, type TraceStep } from '../protocol/traced-request.js';
import type { Connection } from './connection.js';

/**
 * Starts.
 *
 * @param handle - Told of each request.
 * @returns What ends it.
 * @throws ConfigurationError `part-missing`; as the calls to the worker do.
 */
export async function traceRequests(
  connection: Pick<Connection, 'call'>,
  handle: (traced: TracedRequest) => void,
): Promise<() => Promise<void>> {
  const container = navigator.serviceWorker;
  const over = new AbortController();
  container.addEventListener(
    'message',
    ({ data, source }: MessageEvent<unknown>) => {
      // Only from the worker of this page, of any version: other workers of the origin see other requests.
      const { scriptURL } = (source ?? {}) as Partial<ServiceWorker>;
      const traced = scriptURL === container.controller?.scriptURL ? parseTraced(data) : undefined;
      if (!traced) return;
      measure(traced);
      handle(traced);
    },
    over,
  );
  try {
    const lock = await connection.call('trace', true);
    await hold(lock, over.signal);
  } catch (error) {
    over.abort();
    throw error;
  }
  // A new version of the worker started before this page asked.
  container.addEventListener(
    'controllerchange',
    () => void connection.call('trace', true).catch(() => undefined),
    over,
  );
  return async () => {
    over.abort();
    await connection.call('trace', false).catch(() => undefined);
  };
}

/** Holds a Web Lock until the signal; resolves when it is held. */
const hold = (name: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const held = (): Promise<void> => {
      resolve();
      return new Promise((release) => signal.addEventListener('abort', () => release()));
    };
    navigator.locks.request(name, { mode: 'shared' }, held).catch(reject);
  });

/** @see W3C User Timing Level 3 §3.1.3; in Chromium's DevTools `detail.devtools` gives it a track of its own. */
function measure(traced: TracedRequest): void {
  const { outcome, method, url, startedAtMs, durationMs, steps } = traced;
  performance.measure(`identity-worker ${outcome}: ${method} ${url}`, {
    start: Math.max(0, startedAtMs - performance.timeOrigin),
    duration: durationMs,
    detail: {
      traced,
      devtools: { track: 'Identity Worker', properties: steps.map((step) => [step.step, inShort(step)]) },
    },
  });
}

const inShort = (step: TraceStep): string =>
  Object.entries(step)
    .filter(([name, value]) => name !== 'step' && value !== undefined)
    .map(([name, value]) => `${name}: ${typeof value === 'number' ? Math.round(value) : value}`)
    .join(', ');
