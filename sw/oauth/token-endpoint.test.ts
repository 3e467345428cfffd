/** How long a server that gives no status wants to be left alone. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { unavailableFrom } from './token-endpoint.js';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 25, 9) });
});

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [500, null, 0],
  [503, null, 0],
  [511, null, undefined],
  [511, '60', undefined],
  [408, null, 0],
  [429, null, 30_000],
  [503, '60', 60_000],
  [429, '5', 5_000],
  [503, '0.5', 500],
  [503, 'Wed, 25 Nov 2026 09:02:00 GMT', 120_000],
  [503, 'Wed, 25 Nov 2026 08:59:00 GMT', 0],
  [429, 'Wed, 25 Nov 2026 08:59:00 GMT', 30_000],
  [503, '0', 0],
  [503, '-5', 0],
  [503, 'soon', 0],
  [429, 'soon', 30_000],
  [503, '', 0],
])('%i with Retry-After %j: %i ms', (status, retryAfter, retryAfterMs) => {
  const headers = retryAfter === null ? {} : { 'retry-after': retryAfter };
  expect(unavailableFrom(new Response('', { status, headers })).retryAfterMs).toBe(retryAfterMs);
});
