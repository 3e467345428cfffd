/** What a page knows of the worker's state. */
import { describe, expect, test, vi } from 'vitest';
import type { CredentialInfo, PortalInfo } from '../protocol/credential-info.js';
import { PROTOCOL_VERSION } from '../protocol/messages.js';
import type { WorkerState } from '../protocol/worker-api.js';
import type { Connection } from './connection.js';
import { StateSync } from './state-sync.js';

const [gis, other] = ['https://gis.example.org/portal', 'https://other.example.org/portal'];
const credential = (portal: string, username: string): CredentialInfo => ({
  portal,
  username,
  renewable: true,
});
const portal = (url: string, isMemoryOnly = false): PortalInfo => ({ url, name: 'GIS', isMemoryOnly });
const changed = (of: string, info: CredentialInfo | null) =>
  ({ type: 'identity:credential-changed', version: PROTOCOL_VERSION, portal: of, credential: info }) as const;

function setUp(state: Partial<WorkerState> = {}) {
  const page = new EventTarget();
  const events = vi.fn();
  page.addEventListener('credentials-changed', events);
  const call = vi.fn(async () => ({ portals: [], credentials: [], ...state }));
  const sync = new StateSync({ call } as unknown as Pick<Connection, 'call'>, page);
  return { sync, events, call };
}

test('is empty before it is read, and tells when it has been', async () => {
  const { sync, events } = setUp({ portals: [portal(gis)], credentials: [credential(gis, 'ana')] });
  expect([sync.portals, sync.credentials]).toEqual([[], []]);
  await sync.read();
  expect(sync.portals).toEqual([portal(gis)]);
  expect(sync.credentials).toEqual([credential(gis, 'ana')]);
  expect(sync.redirectOutcome).toBeUndefined();
  expect(events).toHaveBeenCalledTimes(1);
});

test('a message replaces, adds or removes the credential of its portal', async () => {
  const { sync, events } = setUp({ credentials: [credential(gis, 'ana')] });
  await sync.read();
  const users = (): unknown[] => sync.credentials.map(({ username }) => username);
  sync.receive(changed(other, credential(other, 'cleo')));
  expect(users()).toEqual(['ana', 'cleo']);
  sync.receive(changed(gis, credential(gis, 'ben')));
  expect(users()).toEqual(['cleo', 'ben']);
  sync.receive(changed(other, null));
  expect(users()).toEqual(['ben']);
  expect(events).toHaveBeenCalledTimes(4);
});

describe('a session in the worker’s memory only', () => {
  test.each([
    [true, gis, true],
    [false, gis, false],
    [true, other, false],
  ])('memory only: %s, signed in to %s: %s', async (isMemoryOnly, signedInTo, expected) => {
    const { sync } = setUp({
      portals: [portal(gis, isMemoryOnly), portal(other)],
      credentials: [credential(signedInTo, 'ana')],
    });
    await sync.read();
    expect(sync.hasMemoryOnlySession).toBe(expected);
  });
});

test('the outcome of a sign-in that took the place of the page has its error, with a message', async () => {
  const returned = {
    portal: gis,
    url: 'https://app.example/',
    x: 0,
    y: 0,
    error: { code: 'access-denied', facts: { origin: 'https://gis.example.org' } },
  } as const;
  vi.stubGlobal('location', { href: 'https://app.example/#' });
  const replaceState = vi.fn();
  vi.stubGlobal('history', { state: null, replaceState });
  const { sync } = setUp({ returned });
  const read = sync.read();
  // While the message of the error is loaded, the user signs in.
  await Promise.resolve();
  sync.receive(changed(gis, credential(gis, 'ana')));
  await read;
  expect(sync.credentials).toEqual([credential(gis, 'ana')]);
  // The worker says it again to the same page, which may be elsewhere by now.
  await sync.read();
  expect(sync.redirectOutcome).toMatchObject({ portal: gis, error: { code: 'access-denied' } });
  expect(sync.redirectOutcome?.error?.message).toContain('was declined');
  // After the chunk of the sign-in has loaded.
  await vi.waitFor(
    () => expect(replaceState).toHaveBeenCalledExactlyOnceWith(null, '', returned.url),
    10_000,
  );
  vi.unstubAllGlobals();
});
