/** Who can answer, and who has fallen silent. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ClientPresence } from './client-presence.js';

let nowMs = 0;
let presence: ClientPresence;

beforeEach(() => {
  nowMs = 1_000_000;
  presence = new ClientPresence(() => nowMs);
});

describe('a page that was asked', () => {
  beforeEach(() => presence.markPrompted('page'));

  test('is silent after 25 seconds without a word', () => {
    nowMs += 25_000;
    expect(presence.isUnresponsive('page')).toBe(false);
    nowMs += 1;
    expect(presence.isUnresponsive('page')).toBe(true);
  });

  test('is not silent while it speaks every ten seconds, one word lost', () => {
    for (let words = 0; words < 5; words += 1) {
      nowMs += 20_000;
      expect(presence.isUnresponsive('page')).toBe(false);
      presence.markSeen('page');
    }
  });

  test('that was heard long ago has its time from the question on', () => {
    presence.markSeen('page');
    nowMs += 60_000;
    presence.markPrompted('page');
    expect(presence.isUnresponsive('page')).toBe(false);
  });

  test('is not connected by being asked', () => {
    expect(presence.isSeen('page')).toBe(false);
  });
});

test('a page that was never asked is not waited for', () => {
  expect(presence.isUnresponsive('other')).toBe(false);
});

test('a page of another version is a stranger until it speaks ours', () => {
  presence.markIncompatible('page');
  expect([presence.isIncompatible('page'), presence.isSeen('page')]).toEqual([true, false]);
  presence.markSeen('page');
  expect([presence.isIncompatible('page'), presence.isSeen('page')]).toEqual([false, true]);
});
