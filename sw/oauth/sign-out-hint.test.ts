/** ID tokens for sign-outs at servers: which are used, by which address, and how often. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Endpoints, OAuthClient } from './authorization-server.js';
import { concealedSignOutUrl, holdIdToken, takeIdToken, usableIdToken } from './sign-out-hint.js';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('self', {
    location: new URL('https://app.example/worker.js'),
    registration: { scope: 'https://app.example/' },
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const endpointsAt = (end_session_endpoint: string): Endpoints => ({
  issuer: 'https://id.example.org',
  authorization_endpoint: 'https://id.example.org/authorize',
  token_endpoint: 'https://id.example.org/token',
  end_session_endpoint,
});
const server = endpointsAt('https://id.example.org/logout');
const { end_session_endpoint: _, ...withoutEnd } = server;

const clientOf = (url: string, redirectUri = 'https://app.example/signed-in.html') =>
  ({ url, redirectUri }) as OAuthClient;
const idOf = (client: OAuthClient): string | null =>
  new URL(concealedSignOutUrl(client) ?? '').searchParams.get('id');

test.each<[name: string, endpoints: Endpoints, idToken: string | undefined, isUsed: boolean]>([
  ['an ID token', server, 'a.b.c', true],
  ['none', server, undefined, false],
  ['one for a server that ends no sessions', withoutEnd, 'a.b.c', false],
  ['one too long for an address', server, 'a'.repeat(4097), false],
  // A page can read the address of a window at its own origin.
  ['one for a server at the app’s origin', endpointsAt('https://app.example/id/logout'), 'a.b.c', false],
  [
    'one for the app’s origin, spelt otherwise',
    endpointsAt('https://APP.example:443/logout'),
    'a.b.c',
    false,
  ],
])('of a sign-in is kept or not: %s', (_name, endpoints, idToken, isUsed) => {
  expect(usableIdToken(endpoints, idToken)).toEqual(isUsed ? { idToken } : {});
});

test('is taken once, by its own address', () => {
  const [first, second] = [clientOf('https://id.example.org'), clientOf('https://id.example.org#2')];
  holdIdToken(first, 'first');
  holdIdToken(second, 'second');
  const id = idOf(first);
  expect(concealedSignOutUrl(first)).not.toContain('first');
  for (const wrong of [null, '', 'undefined', idOf(second)])
    expect(takeIdToken(first, wrong)).toBeUndefined();
  expect(takeIdToken(second, id)).toBeUndefined();
  expect(takeIdToken(first, id)).toBe('first');
  expect(takeIdToken(first, id)).toBeUndefined();
  expect(concealedSignOutUrl(first)).toBeUndefined();
  expect(takeIdToken(second, idOf(second))).toBe('second');
});

test('is forgotten after a minute, and with the next sign-out', () => {
  const client = clientOf('https://id.example.org');
  holdIdToken(client, 'late');
  const late = idOf(client);
  vi.advanceTimersByTime(60_000);
  expect(takeIdToken(client, late)).toBeUndefined();
  holdIdToken(client, 'former');
  const former = idOf(client);
  holdIdToken(client, undefined);
  expect(takeIdToken(client, former)).toBeUndefined();
});

test('is not taken where none is held and none is asked for', () => {
  expect(takeIdToken(clientOf('https://other.example.org'), null)).toBeUndefined();
});

test('has its address where the app’s worker leaves navigations alone', () => {
  const outOfBand = clientOf('https://id.example.org', 'urn:ietf:wg:oauth:2.0:oob');
  holdIdToken(outOfBand, 'a.b.c');
  expect(concealedSignOutUrl(outOfBand)).toMatch(/^https:\/\/app\.example\/\?identity-sign-out=/);
  const elsewhere = { ...clientOf('https://id.example.org'), callbackPage: 'https://app.example/end.html' };
  expect(concealedSignOutUrl(elsewhere)).toMatch(/^https:\/\/app\.example\/end\.html\?/);
});
