/** The time limit of Cache Storage. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const timeout = AbortSignal.timeout.bind(AbortSignal);

beforeEach(() => {
  vi.resetModules();
  // A thousandth of what is asked for.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms / 1000));
});

afterEach(() => vi.restoreAllMocks());

const load = async () => (await import('./cache-answer.js')).cacheAnswer;
const timedOut = { code: 'storage-unavailable', facts: { name: 'TimeoutError' } };

test('passes on answers and failures', async () => {
  const cacheAnswer = await load();
  expect(await cacheAnswer(() => Promise.resolve('answer'))).toBe('answer');
  const full = new DOMException('', 'QuotaExceededError');
  await expect(cacheAnswer(() => Promise.reject(full))).rejects.toBe(full);
  expect(await cacheAnswer(() => Promise.resolve('next'))).toBe('next');
});

test('gives up on a call without an answer, and asks nothing more until it has one', async () => {
  const cacheAnswer = await load();
  let answer: (value: string) => void = () => undefined;
  const late = new Promise<string>((resolve) => {
    answer = resolve;
  });
  await expect(cacheAnswer(() => late)).rejects.toMatchObject(timedOut);
  const next = vi.fn(() => Promise.resolve('next'));
  await expect(cacheAnswer(next)).rejects.toMatchObject(timedOut);
  expect(next).not.toHaveBeenCalled();
  answer('late');
  await late;
  await vi.waitFor(async () => expect(await cacheAnswer(next)).toBe('next'));
});

test('a call that fails late is an answer', async () => {
  const cacheAnswer = await load();
  let fail: (reason: Error) => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  await expect(cacheAnswer(() => late)).rejects.toMatchObject(timedOut);
  fail(new Error('late'));
  await vi.waitFor(async () => expect(await cacheAnswer(() => Promise.resolve('next'))).toBe('next'));
});
