/** Who can answer, and who has fallen silent. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Audience } from './client-presence.js';

let nowMs = 0;
let audience: Audience;

beforeEach(() => {
  nowMs = 1_000_000;
  audience = new Audience(() => nowMs);
});

describe('a page that was asked', () => {
  beforeEach(() => audience.asked('page'));

  test('is silent after 25 seconds without a word', () => {
    nowMs += 25_000;
    expect(audience.isSilent('page')).toBe(false);
    nowMs += 1;
    expect(audience.isSilent('page')).toBe(true);
  });

  test('is not silent while it speaks every ten seconds, one word lost', () => {
    for (let words = 0; words < 5; words += 1) {
      nowMs += 20_000;
      expect(audience.isSilent('page')).toBe(false);
      audience.heard('page');
    }
  });

  test('that was heard long ago has its time from the question on', () => {
    audience.heard('page');
    nowMs += 60_000;
    audience.asked('page');
    expect(audience.isSilent('page')).toBe(false);
  });

  test('is not connected by being asked', () => {
    expect(audience.isConnected('page')).toBe(false);
  });
});

test('a page that was never asked is not waited for', () => {
  expect(audience.isSilent('other')).toBe(false);
});

test('a page of another version is a stranger until it speaks ours', () => {
  audience.heardStranger('page');
  expect([audience.isStranger('page'), audience.isConnected('page')]).toEqual([true, false]);
  audience.heard('page');
  expect([audience.isStranger('page'), audience.isConnected('page')]).toEqual([false, true]);
});
