/** The parsers between page and worker: our messages pass, everything else is nobody's business. */
import { describe, expect, test } from 'vitest';
import { parsePageMessage, parsePortReady, parseWorkerMessage, PROTOCOL_VERSION } from './messages.js';

const version = PROTOCOL_VERSION;

const codeRequired = {
  type: 'identity:code-required',
  version,
  asked: true,
  challengeId: 'c1',
  portal: 'https://gis.example.org/portal',
  portalName: 'GIS',
  authorizationUrl: 'https://gis.example.org/portal/sharing/rest/oauth2/authorize?state=s',
  outOfBand: false,
};
const settled = {
  type: 'identity:challenge-settled',
  version,
  challengeId: 'c1',
  portal: codeRequired.portal,
  outcome: 'signed-in',
};
const changed = {
  type: 'identity:credential-changed',
  version,
  portal: codeRequired.portal,
  credential: null,
};

const without = (message: object, name: string): object =>
  Object.fromEntries(Object.entries(message).filter(([key]) => key !== name));

/** Data that any window, worker or extension may post. */
const foreign: [name: string, data: unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['a string', 'identity:connect'],
  ['a number', 1],
  ['true', true],
  ['an empty array', []],
  ['an array of a message', [{ type: 'identity:connect', version }]],
  ['an empty object', {}],
  ['a type that is an array', { type: ['identity:connect'], version }],
  [
    'a Map with our fields',
    new Map<string, unknown>([
      ['type', 'identity:ping'],
      ['version', version],
    ]),
  ],
  ['workbox, CACHE_URLS', { type: 'CACHE_URLS', payload: { urlsToCache: ['https://evil.example/'] } }],
  ['workbox, SKIP_WAITING', { type: 'SKIP_WAITING', version }],
  ['a type of a newer version', { type: 'identity:newer', version }],
  ['a type that every object has', { type: 'constructor', version }],
  ['a Comlink call', { id: '1', type: 'APPLY', path: ['state'], argumentList: [] }],
];

describe('parseWorkerMessage', () => {
  test.each([
    ['a challenge of an older worker', codeRequired],
    ['a challenge', { ...codeRequired, reason: 'expired', waitingRequests: 3 }],
    ['a settled challenge', settled],
    [
      'a settled challenge with an error',
      { ...settled, outcome: 'failed', error: { code: 'code-refused', facts: {} } },
    ],
    ['a sign-out', changed],
    ['a sign-in', { ...changed, credential: { portal: changed.portal, renewable: true } }],
  ])('admits %s as it is', (_, data) => {
    expect(parseWorkerMessage(data)).toBe(data);
  });

  test.each(foreign)('refuses %s', (_, data) => {
    expect(parseWorkerMessage(data)).toBeUndefined();
  });

  test.each(
    [codeRequired, settled, changed].flatMap((message) =>
      Object.keys(message).map((name) => ({ type: message.type, name, data: without(message, name) })),
    ),
  )('refuses $type without $name', ({ data }) => {
    expect(parseWorkerMessage(data)).toBeUndefined();
  });

  test.each(
    [codeRequired, settled, changed]
      .flatMap((message) =>
        Object.keys(message).map((name) => ({ type: message.type, name, data: { ...message, [name]: 7 } })),
      )
      .filter(({ name }) => name !== 'version'),
  )('refuses $type with a number as $name', ({ data }) => {
    expect(parseWorkerMessage(data)).toBeUndefined();
  });

  test.each([version + 1, version - 1, String(version), null, NaN])('refuses version %j', (other) => {
    expect(parseWorkerMessage({ ...codeRequired, version: other })).toBeUndefined();
  });
});

describe('parsePageMessage', () => {
  test.each(['identity:connect', 'identity:claim', 'identity:ping'])('admits %s', (type) => {
    const data = { type, version };
    expect(parsePageMessage(data)).toBe(data);
  });

  test('admits a page of another version: it is told of the mismatch, not left without an answer', () => {
    expect(parsePageMessage({ type: 'identity:connect', version: version + 1 })).toMatchObject({
      version: version + 1,
    });
  });

  test.each(foreign)('refuses %s', (_, data) => {
    expect(parsePageMessage(data)).toBeUndefined();
  });

  test.each([undefined, null, String(version), [version], {}])('refuses version %j', (other) => {
    expect(parsePageMessage({ type: 'identity:connect', version: other })).toBeUndefined();
  });

  test('refuses what the worker says to pages', () => {
    expect(parsePageMessage(codeRequired)).toBeUndefined();
  });
});

describe('parsePortReady', () => {
  test.each([version, version + 1])('admits the first message of a worker of version %i', (any) => {
    const data = { type: 'identity:port-ready', version: any, lock: 'identity-worker:boot:1' };
    expect(parsePortReady(data)).toBe(data);
  });

  test.each([
    ...foreign,
    ['no lock', { type: 'identity:port-ready', version }],
    ['a lock that is no name', { type: 'identity:port-ready', version, lock: 1 }],
    ['another type with a lock', { type: 'identity:connect', version, lock: 'x' }],
  ])('refuses %s', (_, data) => {
    expect(parsePortReady(data)).toBeUndefined();
  });
});
