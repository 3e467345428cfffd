/** What is remembered of services: rejected tokens, public services; for a while, by a clock that goes forward. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Portal } from '../portals/portal.js';
import { ServiceMemory, serviceOf } from './service-memory.js';

const portal = {} as Portal;

describe('a service that refuses new tokens', () => {
  const layer = (path: string): URL => new URL(`https://gis.example.org/server/rest/services/${path}`);
  const query = layer('Roads/FeatureServer/0/query?f=json');
  const rivers = layer('Rivers/FeatureServer/0/query?f=json');

  let nowMs: number;
  let memory: ServiceMemory;

  beforeEach(() => {
    nowMs = 1_000_000;
    memory = new ServiceMemory(() => nowMs);
    memory.refuse(query, portal, 1);
  });

  test.each<[name: string, url: URL, session: number, isKnown: boolean]>([
    ['the same request', query, 1, true],
    ['another layer of the service', layer('Roads/FeatureServer/1'), 1, true],
    ['another service', rivers, 1, false],
    ['the service of the same name and another type', layer('Roads/MapServer'), 1, false],
    ['another host', new URL(query.href.replace('gis.', 'gis2.')), 1, false],
    ['another sign-in', query, 2, false],
  ])('%s: known %s', (_, url, session, isKnown) => {
    expect(memory.isRefusing(url, session)).toBe(isKnown);
    expect(memory.mayRenew(url, 'any-token', portal, session)).toBe(!isKnown);
  });

  test('is believed for a minute, then twice as long, up to an hour; by a clock that goes forward', () => {
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      nowMs += minutes * 60_000 - 1;
      expect(memory.isRefusing(query, 1)).toBe(true);
      nowMs += 1;
      expect(memory.isRefusing(query, 1)).toBe(false);
      memory.refuse(query, portal, 1);
    }
    nowMs = 0;
    expect(memory.isRefusing(query, 1)).toBe(false);
  });

  test('starts anew in the next session', () => {
    memory.refuse(query, portal, 1);
    memory.refuse(query, portal, 2);
    nowMs += 60_000;
    expect(memory.isRefusing(query, 2)).toBe(false);
  });

  test('is one that accepts again, when it does', () => {
    memory.accept(query, 'new-token');
    expect(memory.isRefusing(query, 1)).toBe(false);
  });

  test('a token that the service itself has accepted is dead when it rejects it', () => {
    memory.accept(query, 'token-2');
    memory.refuse(query, portal, 1);
    memory.accept(rivers, 'token-2');
    expect(memory.mayRenew(query, 'token-2', portal, 1)).toBe(true);
    expect(memory.mayRenew(query, 'token-3', portal, 1)).toBe(false);
  });
});

describe('many services that refuse this user', () => {
  const endpoint = (index: number): URL => new URL(`https://api.example.org/admin/${index}`);
  let nowMs: number;
  let memory: ServiceMemory;

  beforeEach(() => {
    nowMs = 1_000_000;
    memory = new ServiceMemory(() => nowMs);
    for (let index = 0; index < 5; index += 1) memory.refuse(endpoint(index), portal, 1);
  });

  test('cost five renewals a minute, while others accept the token', () => {
    memory.accept(new URL('https://api.example.org/maps'), 'token');
    expect(memory.mayRenew(endpoint(9), 'token', portal, 1)).toBe(false);
    expect(memory.mayRenew(endpoint(9), 'token', {} as Portal, 1)).toBe(true);
    nowMs += 60_000;
    expect(memory.mayRenew(endpoint(9), 'token', portal, 1)).toBe(true);
  });

  test('a token that nobody accepts may be dead', () => {
    expect(memory.mayRenew(endpoint(9), 'token', portal, 1)).toBe(true);
  });

  test('a service that has accepted it may have it renewed', () => {
    memory.accept(endpoint(9), 'token');
    expect(memory.mayRenew(endpoint(9), 'token', portal, 1)).toBe(true);
  });

  test('the latest 500 that accept are remembered', () => {
    for (let index = 0; index < 502; index += 1) memory.accept(endpoint(index), `token-${index}`);
    expect([0, 1, 2, 501].map((index) => memory.isAccepted(`token-${index}`))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

test.each([
  [
    'https://a.example/server/rest/services/x/MapServer/tile/1/2/3',
    'https://a.example/server/rest/services/x/MapServer',
  ],
  [
    'https://a.example/server/rest/services/f/x/FeatureServer?f=json',
    'https://a.example/server/rest/services/f/x/FeatureServer',
  ],
  [
    'https://a.example/portal/sharing/rest/content/items/1a2b/data',
    'https://a.example/portal/sharing/rest/content/items/1a2b',
  ],
  ['https://a.example/api/tiles/1', 'https://a.example/api/tiles/1'],
])('the service of %s', (url, service) => {
  expect(serviceOf(new URL(url))).toBe(service);
});

describe('a public service', () => {
  const url = new URL('https://gis.example.org/server/rest/services/Roads/MapServer/tile/1/2/3');
  const sibling = new URL('https://gis.example.org/server/rest/services/Roads/MapServer/tile/4/5/6');

  test('is probed once', async () => {
    const memory = new ServiceMemory();
    const probe = vi.fn(() => Promise.resolve(true));
    expect(await Promise.all([memory.isPublic(url, probe), memory.isPublic(sibling, probe)])).toEqual([
      true,
      true,
    ]);
    expect(probe).toHaveBeenCalledTimes(1);
  });

  test('is probed again half a minute after it could not be asked: a network that is away makes nothing public', async () => {
    let nowMs = 0;
    const memory = new ServiceMemory(() => nowMs);
    const probe = vi.fn<() => Promise<boolean | undefined>>(() => Promise.resolve(undefined));
    expect(await memory.isPublic(url, probe)).toBe(true);
    expect(await memory.isPublic(sibling, probe)).toBe(true);
    expect(probe).toHaveBeenCalledTimes(1);
    nowMs += 30_001;
    probe.mockResolvedValue(false);
    expect(await memory.isPublic(url, probe)).toBe(false);
  });

  test('is probed again where it was not public: somebody may have signed in since', async () => {
    const memory = new ServiceMemory();
    const probe = vi.fn(() => Promise.resolve(false));
    expect(await memory.isPublic(url, probe)).toBe(false);
    await Promise.resolve();
    expect(await memory.isPublic(url, probe)).toBe(false);
    expect(probe).toHaveBeenCalledTimes(2);
  });
});

test('an origin without preflights is remembered, and no other', () => {
  const memory = new ServiceMemory();
  memory.noteWithoutHeader(new URL('https://a.example/x'));
  expect(memory.isWithoutHeader(new URL('https://a.example/y'))).toBe(true);
  expect(memory.isWithoutHeader(new URL('https://b.example/x'))).toBe(false);
});
