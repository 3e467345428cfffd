/** Where sign-ins began that take the place of their page, and how a page is returned to. Database and clients are small stand-ins. */
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { PortalIndex } from '../portals/portal-index.js';
import { resolvePortals } from '../portals/portal.js';
import { ChallengeRecords } from '../sign-in/challenge-records.js';
import { Database } from '../storage/database.js';
import { KeyRing } from '../storage/key-ring.js';
import type { ChallengeRecord } from '../storage/records.js';
import { Store } from '../storage/store.js';
import { returnUrlOf, saveReturnTo, takeReturn } from './redirect-return.js';

const returnTo = { url: 'https://app.example/map?layer=1', x: 0, y: 700 };
const [state, codeVerifier] = ['s'.repeat(43), 'v'.repeat(43)] as const;
let clientUrl: string;

const record: ChallengeRecord = {
  id: 'c1',
  portal: 'https://gis.example.org/portal',
  fingerprint: 'f',
  state,
  codeVerifier,
  madeAtMs: 0,
  phase: 'open',
};

/** The records as a boot of the worker finds them. */
async function boot(persistence: 'persistent' | 'memory'): Promise<ChallengeRecords> {
  const database = new Database('/');
  const store = new Store(database, new KeyRing(database), () => undefined);
  await store.restore(await database.snapshot());
  const options = { url: record.portal, clientId: 'a', redirectUri: '/signed-in.html', persistence };
  const portals = resolvePortals([arcgisEnterprise(options)], 'https://app.example/');
  return new ChallengeRecords(store, new PortalIndex(portals));
}

/** A worker whose challenge is the given one. */
async function servicesWith(
  stored: ChallengeRecord = record,
  persistence: 'persistent' | 'memory' = 'persistent',
): Promise<{ challengeRecords: ChallengeRecords }> {
  const challengeRecords = await boot(persistence);
  await challengeRecords.replace(undefined, stored);
  return { challengeRecords };
}

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  clientUrl = returnTo.url;
  vi.stubGlobal('navigator', { userAgent: 'Chrome AppleWebKit' });
  vi.stubGlobal('self', {
    location: { origin: 'https://app.example' },
    clients: { get: () => Promise.resolve({ url: clientUrl }) },
  });
});
afterEach(() => vi.unstubAllGlobals());

test('the address has a fragment that replaces the one of an implicit grant', async () => {
  const services = await servicesWith();
  await saveReturnTo('c1', returnTo, services);
  expect(await returnUrlOf(state, services)).toBe(`${returnTo.url}#`);
  await saveReturnTo('c1', { ...returnTo, url: `${returnTo.url}#at` }, services);
  expect(await returnUrlOf(state, services)).toBe(`${returnTo.url}#at`);
  expect(await returnUrlOf('s2', services)).toBeNull();
});

test('in WebKit the fragment is not empty', async () => {
  vi.stubGlobal('navigator', { userAgent: 'AppleWebKit Safari' });
  const services = await servicesWith();
  await saveReturnTo('c1', returnTo, services);
  expect(await returnUrlOf(state, services)).toBe(`${returnTo.url}#_`);
});

test.each(['https://evil.example/', 'https://app.example.evil/', 'javascript:alert(1)', '/map', ''])(
  'nobody is sent to %j',
  async (url) => {
    const services = await servicesWith();
    await expect(saveReturnTo('c1', { ...returnTo, url }, services)).rejects.toMatchObject({
      code: 'option-invalid',
    });
    expect(await services.challengeRecords.all()).toEqual([record]);
  },
);

test('a challenge that is over, or nobody’s, has no way back', async () => {
  const services = await servicesWith();
  await expect(saveReturnTo('c2', returnTo, services)).rejects.toMatchObject({
    code: 'authorization-url-unknown',
  });
  await services.challengeRecords.replace(record, { ...record, phase: 'cancelled' });
  await expect(saveReturnTo('c1', returnTo, services)).rejects.toMatchObject({
    code: 'authorization-url-unknown',
  });
});

test.each(['signed-in', 'cancelled', 'failed'] as const)(
  '%s is told to the page come back to, with every call, and to no other',
  async (phase) => {
    const reason = { code: 'access-denied', facts: {} } as const;
    const ended = { ...record, phase, returnTo, ...(phase === 'signed-in' ? {} : { reason }) };
    const services = await servicesWith(ended);
    clientUrl = 'https://app.example/other';
    expect(await takeReturn('page', services)).toBeUndefined();
    clientUrl = `${returnTo.url}#`;
    const told = {
      ...returnTo,
      portal: record.portal,
      ...(phase === 'signed-in' ? {} : { error: reason }),
    };
    expect(await takeReturn('page', services)).toEqual(told);
    // The worker was stopped before its answer arrived: the call is made again.
    const started = { challengeRecords: await boot('persistent') };
    expect(await takeReturn('page', started)).toEqual(told);
    expect(await started.challengeRecords.all()).toMatchObject([{ dismissedBy: ['page'] }]);
    expect(await takeReturn('reloaded page', started)).toBeUndefined();
    expect(await returnUrlOf(state, started)).toBeNull();
  },
);

test('an open challenge has not been come back from', async () => {
  const services = await servicesWith();
  await saveReturnTo('c1', returnTo, services);
  expect(await takeReturn('page', services)).toBeUndefined();
});

test('at the level memory a verifier outlives the worker only where no page keeps it alive', async () => {
  const services = await servicesWith(record, 'memory');
  expect(await services.challengeRecords.all()).toMatchObject([{ codeVerifier }]);
  const stopped = await boot('memory');
  expect((await stopped.all()).map((found) => found.codeVerifier)).toEqual([undefined]);
  await saveReturnTo('c1', returnTo, services);
  const later = await boot('memory');
  expect(await later.all()).toMatchObject([{ codeVerifier, returnTo }]);
});

test.each(['https://evil.example/', 'javascript:alert(1)', '//evil.example/', ''])(
  'a way back to %j that was written into the database is not taken',
  async (url) => {
    const services = await servicesWith({ ...record, returnTo: { ...returnTo, url } });
    expect(await returnUrlOf(state, services)).toBeNull();
  },
);
