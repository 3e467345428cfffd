/** An expiring map forgets in time, and believes no clock that was set back. */
import { expect, test } from 'vitest';
import { ExpiringMap } from './expiring-map.js';

const at = (startMs: number): { nowMs: number } => ({ nowMs: startMs });

test('believes a value for its time', () => {
  const clock = at(1_000);
  const map = new ExpiringMap<string, number>(100, () => clock.nowMs);
  map.set('a', 1);
  clock.nowMs = 1_099;
  expect(map.get('a')).toBe(1);
  clock.nowMs = 1_100;
  expect(map.get('a')).toBeUndefined();
  expect(map.last('a')).toBe(1);
});

test('takes a time of its own for each value', () => {
  const clock = at(0);
  const map = new ExpiringMap<string, number>(100, () => clock.nowMs);
  map.set('long', 1, 1_000);
  clock.nowMs = 500;
  expect(map.get('long')).toBe(1);
});

test('ends a belief when the clock is set back', () => {
  const clock = at(1_000_000);
  const map = new ExpiringMap<string, number>(100, () => clock.nowMs);
  map.set('a', 1);
  clock.nowMs = 0;
  expect(map.get('a')).toBeUndefined();
});

test('forgets what is deleted, and knows its keys', () => {
  const map = new ExpiringMap<string, number>(100, () => 0);
  map.set('a', 1);
  map.set('b', 2);
  map.delete('a');
  expect([map.get('a'), ...map.keys()]).toEqual([undefined, 'b']);
});
