/** The seals in the worker's script: taken once, in their shape only. */
import { expect, test } from 'vitest';
import { INJECTED_KEYS_PROPERTY } from '../../protocol/sealed-script.js';
import { takeScriptSeals } from './key-ring.js';

const seal = 'c2VhbHNlYWxzZWFsc2VhbHNlYWxzZWFsc2VhbHNlYWw';

test('are taken away from where the script put them', () => {
  const scope: Record<string, unknown> = { [INJECTED_KEYS_PROPERTY]: [seal, seal] };
  expect(takeScriptSeals(scope)).toEqual([seal, seal]);
  expect(INJECTED_KEYS_PROPERTY in scope).toBe(false);
  expect(takeScriptSeals(scope)).toEqual([]);
});

test.each([
  undefined,
  null,
  seal,
  [],
  [''],
  [seal, 7],
  [seal.slice(1)],
  [`${seal}A`],
  [`${seal.slice(1)}=`],
  { 0: seal, length: 1 },
])('%j is none', (value) => {
  expect(takeScriptSeals({ [INJECTED_KEYS_PROPERTY]: value })).toEqual([]);
});
