/** What is admitted of pages about edits. */
import { expect, test } from 'vitest';
import { parseEditsCall } from './edits.js';
import { PROTOCOL_VERSION } from './messages.js';

const call = (changes: object): unknown => ({
  type: 'identity:edits',
  version: PROTOCOL_VERSION,
  action: 'list',
  ...changes,
});

test.each([
  {},
  { action: 'send' },
  { action: 'retry' },
  { action: 'retry', id: 'a' },
  { action: 'discard', id: 'a' },
])('admits %j', (changes) => {
  expect(parseEditsCall(call(changes))).toMatchObject(changes);
});

test.each([
  { type: 'identity:connect' },
  { version: PROTOCOL_VERSION + 1 },
  { version: undefined },
  { action: 'replay' },
  { action: ['list'] },
  { action: 'discard' },
  { action: 'discard', id: 7 },
  { action: 'discard', id: 'a'.repeat(65) },
  { action: 'retry', id: {} },
])('refuses %j', (changes) => {
  expect(parseEditsCall(call(changes))).toBeUndefined();
});

test.each([undefined, null, 'identity:edits', 7, []])('refuses %j', (data) => {
  expect(parseEditsCall(data)).toBeUndefined();
});
