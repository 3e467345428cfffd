/** Who is told of requests, and that nothing is made where nobody asks. */
import { afterEach, expect, test, vi } from 'vitest';
import { TRACE_LOCK } from '../../protocol/traced-request.js';
import { Tracing } from './tracing.js';

afterEach(() => void vi.unstubAllGlobals());

const url = new URL('https://gis.example.org/rest/services?token=secret');
const request = new Request(url);

/** A worker that starts. @param locks - Names that pages hold; none can be read where it is `undefined`. */
async function start(locks: string[] | undefined, pages: string[] = []) {
  const told: unknown[] = [];
  vi.stubGlobal('navigator', {
    locks: {
      query: () =>
        locks
          ? Promise.resolve({ held: locks.map((name) => ({ name })) })
          : Promise.reject(new DOMException('No.', 'SecurityError')),
    },
  });
  const clients = pages.map((id) => ({ id, postMessage: (message: unknown) => told.push(message) }));
  vi.stubGlobal('self', { clients: { matchAll: () => Promise.resolve(clients) } });
  const tracing = new Tracing();
  // Until the locks are read, a request is recorded: a page may have asked before the worker was stopped.
  const early = tracing.begin('page', request, url);
  expect(early).toBeDefined();
  early?.end('signed', 200);
  await new Promise(setImmediate);
  return { tracing, told };
}

test.each([
  ['no page holds a lock', []],
  ['others hold locks', ['identity-worker:boot', 'app']],
  ['locks cannot be read', undefined],
])('where %s, nothing is recorded and nobody is told', async (_, locks) => {
  const { tracing, told } = await start(locks, ['page']);
  expect(tracing.begin('page', request, url)).toBeUndefined();
  expect(told).toEqual([]);
});

test('a page that asked before a stop of the worker is told of what comes first', async () => {
  const { told } = await start([`${TRACE_LOCK}page`], ['page', 'other']);
  expect(told).toMatchObject([
    { traced: { isOwn: true, outcome: 'signed', url: 'https://gis.example.org/rest/services' } },
  ]);
  expect(JSON.stringify(told)).not.toContain('secret');
});

test('a page turns it on and off, and one that is gone is forgotten', async () => {
  const { tracing, told } = await start([], ['page']);
  expect(tracing.turn('page', true)).toBe(`${TRACE_LOCK}page`);
  tracing.turn('gone', true);
  tracing.begin('other', request, url)?.end('anonymous', 200);
  await new Promise(setImmediate);
  expect(told).toMatchObject([{ traced: { isOwn: false, outcome: 'anonymous' } }]);
  tracing.turn('page', false);
  expect(tracing.begin('page', request, url)).toBeUndefined();
});
