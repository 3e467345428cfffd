/** Departures: what is noted, and how a page is come back to. The store and the browser's clients are small stand-ins. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { resolvePortals } from '../portals/resolve.js';
import { Registry } from '../portals/portal-index.js';
import { Seals } from '../storage/key-ring.js';
import type { ChallengeRecord, Store } from '../storage/database.js';
import { contextOf } from '../storage/additional-data.js';
import { Departures } from './redirect-return.js';

const from = { url: 'https://app.example/map?layer=1', x: 0, y: 700 };
let records: ChallengeRecord[];
let clientUrl: string;

const store = {
  challenges: () => Promise.resolve(records),
  replaceChallenge: (_: unknown, record: ChallengeRecord) => {
    records = [record];
    return Promise.resolve(true);
  },
  sealingKey: (create: () => Promise<CryptoKey>) => create(),
} as unknown as Store;

function departuresOf(persistence: 'persistent' | 'memory'): { departures: Departures; seals: Seals } {
  const seals = new Seals(store);
  const registry = new Registry(
    resolvePortals(
      [
        arcgisEnterprise({
          url: 'https://gis.example.org/portal',
          clientId: 'a',
          redirectUri: '/signed-in.html',
          persistence,
        }),
      ],
      'https://app.example/',
    ),
  );
  return { departures: new Departures(registry, store, seals), seals };
}

const record: ChallengeRecord = {
  id: 'c1',
  portal: 'https://gis.example.org/portal',
  fingerprint: 'f',
  authorizationUrl: 'https://gis.example.org/portal/authorize?state=s1',
  state: 's1',
  madeAtMs: 0,
  phase: 'open',
};

beforeEach(() => {
  records = [record];
  clientUrl = from.url;
  vi.stubGlobal('self', {
    location: { origin: 'https://app.example' },
    clients: { get: () => Promise.resolve({ url: clientUrl }) },
  });
});
afterEach(() => vi.unstubAllGlobals());

test('the address has a fragment that replaces the one of an implicit grant', async () => {
  const { departures } = departuresOf('persistent');
  await departures.depart('c1', from);
  expect(await departures.address('s1')).toBe(`${from.url}#`);
  await departures.depart('c1', { ...from, url: `${from.url}#at` });
  expect(await departures.address('s1')).toBe(`${from.url}#at`);
  expect(await departures.address('s2')).toBeNull();
});

test.each(['https://evil.example/', 'https://app.example.evil/', 'javascript:alert(1)', '/map', ''])(
  'nobody is sent to %j',
  async (url) => {
    const { departures } = departuresOf('persistent');
    await expect(departures.depart('c1', { ...from, url })).rejects.toMatchObject({ code: 'option-invalid' });
    expect(records).toEqual([record]);
  },
);

test('a challenge that is over, or nobody’s, has no way back', async () => {
  const { departures } = departuresOf('persistent');
  await expect(departures.depart('c2', from)).rejects.toMatchObject({ code: 'authorization-url-unknown' });
  records = [{ ...record, phase: 'cancelled' }];
  await expect(departures.depart('c1', from)).rejects.toMatchObject({ code: 'authorization-url-unknown' });
});

test.each(['signed-in', 'cancelled', 'failed'] as const)(
  '%s is told once, to the page come back to',
  async (phase) => {
    const { departures } = departuresOf('persistent');
    const reason = { code: 'access-denied', facts: {} } as const;
    records = [{ ...record, phase, from, ...(phase === 'signed-in' ? {} : { reason }) }];
    clientUrl = 'https://app.example/other';
    expect(await departures.takeReturn('page')).toBeUndefined();
    clientUrl = `${from.url}#`;
    expect(await departures.takeReturn('page')).toEqual({
      ...from,
      portal: record.portal,
      ...(phase === 'signed-in' ? {} : { error: reason }),
    });
    expect(records).toMatchObject([{ dismissedBy: ['page'] }]);
    expect(await departures.takeReturn('page')).toBeUndefined();
  },
);

test('an open challenge has not been come back from', async () => {
  const { departures } = departuresOf('persistent');
  await departures.depart('c1', from);
  expect(await departures.takeReturn('page')).toBeUndefined();
});

test('a verifier that only memory could open outlives the worker', async () => {
  const { departures, seals } = departuresOf('memory');
  const sealed = await (await seals.of('memory')).seal('verifier', contextOf(record));
  records = [{ ...record, sealed }];
  await departures.depart('c1', from);
  const [departed] = records;
  expect(departed).toMatchObject({ sealedBy: 'persistent' });
  const opened =
    departed?.sealed && (await (await seals.of('persistent')).unseal(departed.sealed, contextOf(record)));
  expect(opened?.value).toBe('verifier');
});
