/** Which page is prompted, and which one in place of a page that has become unresponsive. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ClientPresence } from '../rpc/client-presence.js';
import { selectPage, findReplacementPage } from './select-page.js';

const REDIRECT_URI = 'https://app.example.org/signed-in.html';

const page = (id: string, more: object = {}): object => ({
  id,
  url: 'https://app.example.org/',
  frameType: 'top-level',
  focused: false,
  visibilityState: 'visible',
  ...more,
});

let presence: ClientPresence;
const open = (...pages: object[]): void => {
  vi.stubGlobal('self', { clients: { matchAll: () => Promise.resolve(pages) } });
};

beforeEach(() => {
  presence = new ClientPresence(() => 0);
  presence.markSeen('a');
  presence.markSeen('b');
});

describe('in place of an unresponsive page', () => {
  const hidden = page('a', { visibilityState: 'hidden' });

  test('one in sight that can answer is asked', async () => {
    open(hidden, page('b'));
    expect(await findReplacementPage('a', presence, REDIRECT_URI)).toBe('b');
  });

  test.each<[name: string, pages: object[]]>([
    ['the silent one is in sight itself', [page('a'), page('b')]],
    ['the other one is out of sight too', [hidden, page('b', { visibilityState: 'hidden' })]],
    ['the other one was never heard', [hidden, page('c')]],
    ['the other one is a frame', [hidden, page('b', { frameType: 'nested' })]],
    ['the other one is about to close', [hidden, page('b', { url: `${REDIRECT_URI}?state=s` })]],
    ['there is no other one', [hidden]],
  ])('no page is prompted where %s', async (_, pages) => {
    open(...pages);
    expect(await findReplacementPage('a', presence, REDIRECT_URI)).toBeUndefined();
  });

  test('no page of another version is prompted', async () => {
    presence.markIncompatible('b');
    open(hidden, page('b'));
    expect(await findReplacementPage('a', presence, REDIRECT_URI)).toBeUndefined();
  });
});

test('a page of another version is not asked, though it made the request', async () => {
  presence.markIncompatible('a');
  open(page('a'), page('c'));
  expect(await selectPage('a', presence, REDIRECT_URI)).toMatchObject({ id: 'c' });
  open(page('a'));
  expect(await selectPage('a', presence, REDIRECT_URI)).toBeUndefined();
});
