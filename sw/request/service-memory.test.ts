/** What is remembered of services: rejected tokens, public services; for a while, by a clock that goes forward. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ServiceMemory, serviceOf } from './service-memory.js';

describe('a service that rejected a new token', () => {
  const layer = (path: string): URL => new URL(`https://gis.example.org/server/rest/services/${path}`);
  const query = layer('Roads/FeatureServer/0/query?f=json');

  let nowMs: number;
  let memory: ServiceMemory;

  beforeEach(() => {
    nowMs = 1_000_000;
    memory = new ServiceMemory(() => nowMs);
    memory.reject(query, 'new-token');
  });

  test.each<[name: string, url: URL, token: string, isKnown: boolean]>([
    ['the same request', query, 'new-token', true],
    ['another layer of the service', layer('Roads/FeatureServer/1'), 'new-token', true],
    ['another service', layer('Rivers/FeatureServer/0/query?f=json'), 'new-token', false],
    ['the service of the same name and another type', layer('Roads/MapServer'), 'new-token', false],
    ['another host', new URL(query.href.replace('gis.', 'gis2.')), 'new-token', false],
    ['another token', query, 'other-token', false],
  ])('%s: known %s', (_, url, token, isKnown) => {
    expect(memory.isRejected(url, token)).toBe(isKnown);
  });

  test('is believed for a minute, by a clock that goes forward', () => {
    nowMs += 59_999;
    expect(memory.isRejected(query, 'new-token')).toBe(true);
    nowMs += 1;
    expect(memory.isRejected(query, 'new-token')).toBe(false);
    nowMs = 0;
    expect(memory.isRejected(query, 'new-token')).toBe(false);
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
