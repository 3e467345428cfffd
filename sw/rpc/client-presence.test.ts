/** Which pages can show a sign-in, and which have become unresponsive. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ClientPresence } from './client-presence.js';

let nowMs = 0;
let presence: ClientPresence;

beforeEach(() => {
  nowMs = 1_000_000;
  presence = new ClientPresence(() => nowMs);
});

describe('a page that was prompted', () => {
  beforeEach(() => presence.markPrompted('page'));

  test('is unresponsive after 25 seconds without a message', () => {
    nowMs += 25_000;
    expect(presence.isUnresponsive('page')).toBe(false);
    nowMs += 1;
    expect(presence.isUnresponsive('page')).toBe(true);
  });

  test('is responsive while it sends a message every ten seconds, one of them lost', () => {
    for (let words = 0; words < 5; words += 1) {
      nowMs += 20_000;
      expect(presence.isUnresponsive('page')).toBe(false);
      presence.markSeen('page');
    }
  });

  test('that was seen long ago has its time from the prompt on', () => {
    presence.markSeen('page');
    nowMs += 60_000;
    presence.markPrompted('page');
    expect(presence.isUnresponsive('page')).toBe(false);
  });

  test('is not seen by being prompted', () => {
    expect(presence.isSeen('page')).toBe(false);
  });
});

test('a page that was never prompted is not unresponsive', () => {
  expect(presence.isUnresponsive('other')).toBe(false);
});

test('a page of another version is incompatible until it speaks ours', () => {
  presence.markIncompatible('page');
  expect([presence.isIncompatible('page'), presence.isSeen('page')]).toEqual([true, false]);
  presence.markSeen('page');
  expect([presence.isIncompatible('page'), presence.isSeen('page')]).toEqual([false, true]);
});
