/** How long answers may be used again, and for which requests. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conditionsFor,
  confirmed,
  isFresh,
  isKeepable,
  lifetimeMs,
  lookupFor,
  mayBeStale,
  type Lookup,
} from './freshness.js';

const NOW_MS = Date.parse('Wed, 01 Jul 2026 12:00:00 GMT');
const at = (ms: number): string => new Date(ms).toUTCString();

test.each<[headers: Record<string, string>, seconds: number]>([
  [{}, 0],
  [{ 'cache-control': 'max-age=60' }, 60],
  [{ 'cache-control': 'private, MAX-AGE = 60' }, 60],
  [{ 'cache-control': 'max-age="60", s-maxage=5' }, 60],
  [{ 'cache-control': 's-maxage=60' }, 0],
  [{ 'cache-control': 'max-age=60, max-age=600' }, 60],
  [{ 'cache-control': 'max-age=60', age: '20' }, 40],
  [{ 'cache-control': 'max-age=60', age: '90' }, 0],
  [{ 'cache-control': 'max-age=60', expires: at(NOW_MS) }, 60],
  [{ 'cache-control': 'max-age=-1', expires: at(NOW_MS + 60_000) }, 0],
  [{ 'cache-control': 'max-age=soon' }, 0],
  [{ 'cache-control': 'no-cache, max-age=60' }, 0],
  [{ 'cache-control': 'no-cache="set-cookie", max-age=60' }, 0],
  [{ 'cache-control': 'x="max-age=600"' }, 0],
  [{ expires: at(NOW_MS + 60_000) }, 60],
  [{ expires: at(NOW_MS + 60_000), date: at(NOW_MS + 30_000) }, 30],
  [{ expires: at(NOW_MS + 60_000), date: at(NOW_MS), age: '10' }, 50],
  [{ expires: '0' }, 0],
  [{ expires: '-1' }, 0],
  [{ expires: at(NOW_MS - 1000) }, 0],
  [{ 'last-modified': at(NOW_MS - 10 ** 10) }, 0],
])('%j is fresh for %d s', (headers, seconds) => {
  expect(lifetimeMs(new Headers(headers), NOW_MS)).toBe(seconds * 1000);
});

test('no header makes an answer fresh for longer than its server says, or before it came', () => {
  const directive = fc.oneof(
    fc.constantFrom('no-cache', 'no-store', 'private', 'public', 'must-revalidate', '', ',', '="', 'max-age'),
    fc.integer({ min: 0, max: 100 }).map((seconds) => `max-age=${seconds}`),
  );
  fc.assert(
    fc.property(fc.array(directive), fc.integer({ min: -200, max: 200 }), (directives, ageS) => {
      const headers = new Headers({ 'cache-control': directives.join(', ') });
      const fresh = isFresh(headers, NOW_MS, NOW_MS + ageS * 1000);
      expect(fresh && (ageS < 0 || ageS >= 100)).toBe(false);
      expect(fresh && directives.includes('no-cache') && !directives.includes('="')).toBe(false);
    }),
  );
});

test.each<[cacheControl: string, isKept: boolean, isStale: boolean]>([
  ['', true, true],
  ['max-age=60', true, true],
  ['no-store', false, false],
  ['max-age=60, No-Store', false, false],
  ['no-cache', false, false],
  ['must-revalidate', false, false],
  ['must-revalidate, max-age=60', true, false],
])('%j is kept: %s, and served without a network: %s', (cacheControl, isKept, isStale) => {
  const headers = new Headers(cacheControl === '' ? {} : { 'cache-control': cacheControl });
  expect(isKeepable(headers)).toBe(isKept);
  expect(mayBeStale(headers)).toBe(isStale);
});

test('a validator is a reason to keep an answer, and asks whether it still stands', () => {
  const noCache = { 'cache-control': 'no-cache' };
  expect(isKeepable(new Headers({ ...noCache, etag: '"1"' }))).toBe(true);
  expect(conditionsFor(new Headers(noCache))).toBeUndefined();
  expect(conditionsFor(new Headers({ etag: 'W/"1"', 'last-modified': at(NOW_MS) }))).toEqual({
    'if-none-match': 'W/"1"',
    'if-modified-since': at(NOW_MS),
  });
});

test('what confirms an answer says how long it is fresh from now on, and nothing of its body', () => {
  const kept = new Headers({
    'content-type': 'image/png',
    'content-length': '7',
    'cache-control': 'max-age=0',
  });
  const answer = new Headers({
    'content-type': 'text/html',
    'content-length': '0',
    'cache-control': 'max-age=9',
  });
  expect([...confirmed(kept, answer)]).toEqual([
    ['cache-control', 'max-age=9'],
    ['content-length', '7'],
    ['content-type', 'image/png'],
  ]);
});

describe('what a request lets a cache do', () => {
  const url = 'https://gis.example.org/tile';
  test.each<[init: RequestInit, lookup: Lookup]>([
    [{}, 'fresh'],
    [{ cache: 'no-store' }, 'none'],
    [{ cache: 'reload' }, 'reload'],
    [{ cache: 'no-cache' }, 'validate'],
    [{ cache: 'force-cache' }, 'any'],
    [{ cache: 'only-if-cached', mode: 'same-origin' }, 'any'],
    [{ method: 'POST' }, 'none'],
    [{ method: 'HEAD' }, 'none'],
    [{ headers: { range: 'bytes=0-' } }, 'none'],
    [{ headers: { authorization: 'x' } }, 'none'],
    [{ headers: { 'if-none-match': '"1"' } }, 'none'],
    [{ headers: { 'cache-control': 'no-cache' } }, 'reload'],
    [{ headers: { pragma: 'no-cache' }, cache: 'force-cache' }, 'any'],
  ])('%j: %s', (init, lookup) => {
    expect(lookupFor(new Request(url, init))).toBe(lookup);
  });

  test.each<[destination: string, lookup: Lookup]>([
    ['image', 'fresh'],
    ['script', 'none'],
    ['style', 'none'],
    ['worker', 'none'],
    ['iframe', 'none'],
    ['video', 'none'],
  ])('what a page writes to Cache Storage runs nowhere: %s', (destination, lookup) => {
    const request = { method: 'GET', destination, cache: 'default', headers: new Headers() };
    expect(lookupFor(request as Request)).toBe(lookup);
  });
});
