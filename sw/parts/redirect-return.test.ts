/** Where sign-ins began that take the place of their page, and how a page is returned to. Database and clients are small stand-ins. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { resolvePortals } from '../portals/portal.js';
import { PortalIndex } from '../portals/portal-index.js';
import { KeyRing } from '../storage/key-ring.js';
import type { ChallengeRecord, Database } from '../storage/database.js';
import { challengeAad } from '../storage/additional-data.js';
import { returnUrlOf, saveReturnTo, takeReturn } from './redirect-return.js';

const returnTo = { url: 'https://app.example/map?layer=1', x: 0, y: 700 };
let records: ChallengeRecord[];
let clientUrl: string;

const database = {
  challenges: () => Promise.resolve(records),
  replaceChallenge: (_: unknown, record: ChallengeRecord) => {
    records = [record];
    return Promise.resolve(true);
  },
  encryptionKey: (create: () => Promise<CryptoKey>) => create(),
} as unknown as Database;

function servicesOf(persistence: 'persistent' | 'memory') {
  const keyRing = new KeyRing(database);
  const portalIndex = new PortalIndex(
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
  return { portalIndex, database, keyRing };
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
  clientUrl = returnTo.url;
  vi.stubGlobal('self', {
    location: { origin: 'https://app.example' },
    clients: { get: () => Promise.resolve({ url: clientUrl }) },
  });
});
afterEach(() => vi.unstubAllGlobals());

test('the address has a fragment that replaces the one of an implicit grant', async () => {
  const services = servicesOf('persistent');
  await saveReturnTo('c1', returnTo, services);
  expect(await returnUrlOf('s1', services)).toBe(`${returnTo.url}#`);
  await saveReturnTo('c1', { ...returnTo, url: `${returnTo.url}#at` }, services);
  expect(await returnUrlOf('s1', services)).toBe(`${returnTo.url}#at`);
  expect(await returnUrlOf('s2', services)).toBeNull();
});

test.each(['https://evil.example/', 'https://app.example.evil/', 'javascript:alert(1)', '/map', ''])(
  'nobody is sent to %j',
  async (url) => {
    const services = servicesOf('persistent');
    await expect(saveReturnTo('c1', { ...returnTo, url }, services)).rejects.toMatchObject({
      code: 'option-invalid',
    });
    expect(records).toEqual([record]);
  },
);

test('a challenge that is over, or nobody’s, has no way back', async () => {
  const services = servicesOf('persistent');
  await expect(saveReturnTo('c2', returnTo, services)).rejects.toMatchObject({
    code: 'authorization-url-unknown',
  });
  records = [{ ...record, phase: 'cancelled' }];
  await expect(saveReturnTo('c1', returnTo, services)).rejects.toMatchObject({
    code: 'authorization-url-unknown',
  });
});

test.each(['signed-in', 'cancelled', 'failed'] as const)(
  '%s is told once, to the page come back to',
  async (phase) => {
    const services = servicesOf('persistent');
    const reason = { code: 'access-denied', facts: {} } as const;
    records = [{ ...record, phase, returnTo, ...(phase === 'signed-in' ? {} : { reason }) }];
    clientUrl = 'https://app.example/other';
    expect(await takeReturn('page', services)).toBeUndefined();
    clientUrl = `${returnTo.url}#`;
    expect(await takeReturn('page', services)).toEqual({
      ...returnTo,
      portal: record.portal,
      ...(phase === 'signed-in' ? {} : { error: reason }),
    });
    expect(records).toMatchObject([{ dismissedBy: ['page'] }]);
    expect(await takeReturn('page', services)).toBeUndefined();
  },
);

test('an open challenge has not been come back from', async () => {
  const services = servicesOf('persistent');
  await saveReturnTo('c1', returnTo, services);
  expect(await takeReturn('page', services)).toBeUndefined();
});

test('a verifier that only memory could open outlives the worker', async () => {
  const services = servicesOf('memory');
  const encrypted = await (
    await services.keyRing.encrypter('memory')
  ).encrypt('verifier', challengeAad(record));
  records = [{ ...record, encrypted }];
  await saveReturnTo('c1', returnTo, services);
  const [departed] = records;
  expect(departed).toMatchObject({ encryptedBy: 'persistent' });
  const opened =
    departed?.encrypted &&
    (await (
      await services.keyRing.encrypter('persistent')
    ).decrypt(departed.encrypted, challengeAad(record)));
  expect(opened?.value).toBe('verifier');
});
