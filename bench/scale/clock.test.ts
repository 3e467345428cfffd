/** The virtual clock: events in order, promises settle before the next step, no real time passes. */
import { expect, test } from 'vitest';
import { Clock } from './clock.js';
import { seeded } from './random.js';

test('events happen in order of time', async () => {
  const clock = new Clock(0);
  const random = seeded(1);
  const seen: number[] = [];
  const times = Array.from({ length: 500 }, () => 1 + Math.floor(random() * 3_600_000));
  for (const atMs of times)
    clock.at(atMs, () => {
      expect(clock.now()).toBeGreaterThanOrEqual(atMs);
      expect(clock.now()).toBeLessThan(atMs + 50);
      seen.push(clock.now());
    });
  await clock.runUntil(3_600_001);
  expect(seen).toHaveLength(500);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test('waiting takes virtual time, and promises settle before the next event', async () => {
  const clock = new Clock(1_000);
  const seen: string[] = [];
  clock.at(2_000, () => {
    void (async () => {
      await clock.wait(500);
      seen.push(`waited until ${clock.now()}`);
    })();
  });
  clock.at(2_550, () => seen.push('next'));
  await clock.runUntil(10_000);
  expect(seen).toEqual(['waited until 2500', 'next']);
  expect(clock.now()).toBe(10_000);
});

test('events after the end happen in the next run', async () => {
  const clock = new Clock(0);
  let count = 0;
  clock.at(5_000, () => (count += 1));
  await clock.runUntil(5_000);
  expect(count).toBe(0);
  await clock.runUntil(5_001);
  expect(count).toBe(1);
});
