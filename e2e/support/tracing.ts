/** Traces of requests, as a page collects them. */
import type { TracedRequest } from 'identity-worker';
import { expect, type TestApp } from './fixtures.js';

/** Turns tracing on in a page, which keeps what it is told. */
export const startTracing = (app: TestApp): Promise<void> =>
  app.run(async () => {
    const traces: TracedRequest[] = [];
    Object.assign(window, { traces });
    window.identity.addEventListener('request-traced', ({ traced }) => traces.push(traced));
    await window.identity.trace.start();
  });

/** All that a page has been told. */
export const tracesOf = (app: TestApp): Promise<TracedRequest[]> =>
  app.run(() => Reflect.get(window, 'traces') as TracedRequest[]);

/** The trace of the last request whose address ends so, once there is one. */
export async function traceOf(app: TestApp, ending: string, least = 1): Promise<TracedRequest> {
  const found = async (): Promise<TracedRequest[]> =>
    (await tracesOf(app)).filter(({ url }) => url.endsWith(ending));
  await expect.poll(async () => (await found()).length, ending).toBeGreaterThanOrEqual(least);
  const last = (await found()).at(-1);
  if (!last) throw new Error(`There is no trace of ${ending}.`);
  return last;
}

/** The steps of a trace in short: `sent query`, `waited sign-in`. */
export const stepsOf = ({ steps }: TracedRequest): string[] =>
  steps.map((step) => {
    const [, first] = Object.entries(step).filter(([name]) => name !== 'atMs' && name !== 'portal')[1] ?? [];
    return [step.step, ...(typeof first === 'string' ? [first] : [])].join(' ');
  });
