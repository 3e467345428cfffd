/** The age of a credential, what a new token response keeps of an old one, and what pages may know. */
import { describe, expect, test } from 'vitest';
import {
  isRefreshTokenAgeing,
  lifeLeftMs,
  toCached,
  toCredential,
  toInfo,
  type Credential,
} from './token-lifetime.js';

/** As the token manager compares them. */
const isStale = (given: Credential, nowMs: number): boolean => nowMs > toCached(given).staleAtMs;
const isAgeing = (given: Credential, nowMs: number): boolean => nowMs > toCached(given).renewAheadAtMs;

const NOW_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3600 * 1000;

const credential = (changes: Partial<Credential> = {}): Credential => ({
  id: 'https://gis.example.org/portal',
  portal: 'https://gis.example.org/portal',
  fingerprint: 'f',
  accessToken: 'access-1',
  refreshToken: 'refresh-1',
  obtainedAtMs: NOW_MS,
  lifetimeMs: 30 * MINUTE_MS,
  ...changes,
});

const eternal = (): Credential => {
  const { lifetimeMs: _, ...rest } = credential();
  return rest;
};

describe('the life of an access token', () => {
  test.each([
    [0, 30 * MINUTE_MS],
    [10 * MINUTE_MS, 20 * MINUTE_MS],
    [31 * MINUTE_MS, -MINUTE_MS],
    [-DAY_MS, 30 * MINUTE_MS],
  ])('after %i ms leaves %i', (passedMs, leftMs) => {
    expect(lifeLeftMs(credential(), NOW_MS + passedMs)).toBe(leftMs);
  });

  test('does not end where the server does not say', () => {
    expect(lifeLeftMs(eternal(), NOW_MS + 1000 * DAY_MS)).toBe(Infinity);
    expect(isStale(eternal(), NOW_MS + 1000 * DAY_MS)).toBe(false);
    expect(isAgeing(eternal(), NOW_MS + 1000 * DAY_MS)).toBe(false);
  });

  test.each([
    ['30 min', 30 * MINUTE_MS, 29 * MINUTE_MS, false],
    ['30 min', 30 * MINUTE_MS, 29 * MINUTE_MS + 1, true],
    ['30 min, long gone', 30 * MINUTE_MS, DAY_MS, true],
    ['30 min, the clock set back', 30 * MINUTE_MS, -DAY_MS, false],
    ['1 min: a tenth of it', MINUTE_MS, 54_000, false],
    ['1 min: less than a tenth', MINUTE_MS, 54_001, true],
    ['1 s', 1000, 899, false],
    ['1 s', 1000, 901, true],
    ['a year', 366 * DAY_MS, 366 * DAY_MS - MINUTE_MS, false],
    ['a year', 366 * DAY_MS, 366 * DAY_MS - MINUTE_MS + 1, true],
  ])('%s of %i ms, after %i ms: stale is %s', (_, lifetimeMs, passedMs, expected) => {
    expect(isStale(credential({ lifetimeMs }), NOW_MS + passedMs)).toBe(expected);
  });

  describe('renewed ahead', () => {
    /** Credentials issued one after the other, as far apart as the clock can tell, or a coarser clock. */
    const issued = (apartMs: number): Credential[] =>
      Array.from({ length: 1000 }, (_, index) => credential({ obtainedAtMs: NOW_MS + index * apartMs }));
    const ageing = (credentials: Credential[], passedMs: number): number =>
      credentials.filter((one) => isAgeing(one, one.obtainedAtMs + passedMs)).length;

    test.each([
      [-DAY_MS, 0],
      [15 * MINUTE_MS, 0],
      [24 * MINUTE_MS + 1, 1000],
      [40 * MINUTE_MS, 1000],
    ])('after %i ms of 30 min are %i of 1000', (passedMs, expected) => {
      expect(ageing(issued(1), passedMs)).toBe(expected);
    });

    test.each([1, 7, 100, 1000])('evenly between 15 and 24 min, issued %i ms apart', (apartMs) => {
      for (const minutes of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const share = ageing(issued(apartMs), (15 + minutes) * MINUTE_MS) / 1000;
        expect(Math.abs(share - minutes / 9)).toBeLessThan(0.02);
      }
    });

    test('at the same age whenever it is asked for, in every boot of the worker', () => {
      const one = credential();
      const from = Array.from({ length: 25 }, (_, minute) => isAgeing(one, NOW_MS + minute * MINUTE_MS));
      expect(from.indexOf(true)).toBe(from.lastIndexOf(false) + 1);
    });

    test('is the token of a server, which the portal’s gets', () => {
      const { refreshToken: _, ...bare } = credential({ id: 'https://gis.example.org/server' });
      expect(isAgeing(bare, NOW_MS + 25 * MINUTE_MS)).toBe(true);
    });
  });

  test('is not renewed ahead without a refresh token', () => {
    const { refreshToken: _, ...bare } = credential();
    expect(isAgeing(bare, NOW_MS + 25 * MINUTE_MS)).toBe(false);
  });
});

describe('the life of a refresh token', () => {
  test.each([
    ['two weeks, more than four days left', 14 * DAY_MS, 10 * DAY_MS, false],
    ['two weeks, less than four days left', 14 * DAY_MS, 10 * DAY_MS + 1, true],
    ['two weeks from a Monday at nine to the last Friday', 14 * DAY_MS, 11 * DAY_MS, true],
    ['two hours, more than three tenths left', 120 * MINUTE_MS, 84 * MINUTE_MS, false],
    ['two hours, less than three tenths left', 120 * MINUTE_MS, 84 * MINUTE_MS + 1, true],
    ['long over', 120 * MINUTE_MS, 30 * DAY_MS, true],
  ])('%s', (_, refreshLifetimeMs, passedMs, expected) => {
    const given = credential({ refreshLifetimeMs, refreshExpiresAtMs: NOW_MS + refreshLifetimeMs });
    expect(isRefreshTokenAgeing(given, NOW_MS + passedMs)).toBe(expected);
  });

  test('is not guessed where the server does not say', () => {
    expect(isRefreshTokenAgeing(credential(), NOW_MS + 1000 * DAY_MS)).toBe(false);
  });
});

describe('toCredential', () => {
  const of = { id: 'id', portal: 'https://gis.example.org/portal', fingerprint: 'f' };

  test('takes everything from a first answer', () => {
    const answer = {
      accessToken: 'a',
      expiresInS: 1800,
      refreshToken: 'r',
      refreshTokenExpiresInS: 100,
      username: 'ada',
    };
    expect(toCredential(answer, of, NOW_MS)).toEqual({
      ...of,
      accessToken: 'a',
      refreshToken: 'r',
      username: 'ada',
      obtainedAtMs: NOW_MS,
      lifetimeMs: 1_800_000,
      refreshLifetimeMs: 100_000,
      refreshExpiresAtMs: NOW_MS + 100_000,
    });
  });

  test('invents nothing', () => {
    expect(toCredential({ accessToken: 'a' }, of, NOW_MS)).toEqual({
      ...of,
      accessToken: 'a',
      obtainedAtMs: NOW_MS,
    });
  });

  const old = credential({ username: 'ada', refreshLifetimeMs: 5000, refreshExpiresAtMs: NOW_MS + 5000 });
  const LATER_MS = NOW_MS + 1000;

  test('keeps refresh token, its end and the name where the answer has none', () => {
    expect(toCredential({ accessToken: 'access-2', expiresInS: 60 }, old, LATER_MS)).toEqual({
      ...old,
      accessToken: 'access-2',
      obtainedAtMs: LATER_MS,
      lifetimeMs: 60_000,
    });
  });

  test('takes a rotated refresh token, and not the end of the old one', () => {
    const rotated = toCredential({ accessToken: 'access-2', refreshToken: 'refresh-2' }, old, LATER_MS);
    expect(rotated.refreshToken).toBe('refresh-2');
    expect(rotated).not.toHaveProperty('refreshExpiresAtMs');
    expect(rotated).not.toHaveProperty('refreshLifetimeMs');
  });

  test('takes a new end, counted from now', () => {
    expect(toCredential({ accessToken: 'access-2', refreshTokenExpiresInS: 9 }, old, LATER_MS)).toMatchObject(
      {
        refreshToken: 'refresh-1',
        refreshLifetimeMs: 9000,
        refreshExpiresAtMs: LATER_MS + 9000,
      },
    );
  });

  test('keeps the ID token of the sign-in through renewals', () => {
    const signedIn = toCredential({ accessToken: 'access-1', idToken: 'id-1' }, old, NOW_MS);
    expect(toCredential({ accessToken: 'access-2' }, signedIn, LATER_MS).idToken).toBe('id-1');
    expect(toCredential({ accessToken: 'access-2' }, old, LATER_MS)).not.toHaveProperty('idToken');
  });

  test('takes another name', () => {
    expect(toCredential({ accessToken: 'access-2', username: 'Ada' }, old, LATER_MS).username).toBe('Ada');
  });

  test('does not keep the life of the old access token', () => {
    expect(toCredential({ accessToken: 'access-2' }, old, LATER_MS)).not.toHaveProperty('lifetimeMs');
  });
});

describe('toInfo', () => {
  test('tells a page who is signed in and until when', () => {
    expect(toInfo(credential({ username: 'ada', refreshExpiresAtMs: NOW_MS + DAY_MS }))).toEqual({
      portal: 'https://gis.example.org/portal',
      username: 'ada',
      expires: NOW_MS + 30 * MINUTE_MS,
      sessionExpires: NOW_MS + DAY_MS,
      renewable: true,
    });
  });

  test('tells nothing that it does not know', () => {
    const { refreshToken: _, ...bare } = eternal();
    expect(toInfo(bare)).toEqual({ portal: 'https://gis.example.org/portal', renewable: false });
  });

  test('holds no token and no fingerprint', () => {
    const text = JSON.stringify(
      toInfo(credential({ fingerprint: 'print-1', username: 'ada', idToken: 'id-1' })),
    );
    expect(text).not.toMatch(/access-1|refresh-1|print-1|id-1/);
  });
});
