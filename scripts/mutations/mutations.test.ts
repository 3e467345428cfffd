/** Every mutation still fits the sources and the tests that it names. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mutations } from './list.js';
import { countOf, modesFor, mutatedFiles, type Mutation } from './mutation.js';

describe.each(mutations)('without $without', (mutation) => {
  test('the sources are changed', () => {
    for (const [file, text] of mutatedFiles(mutation)) expect(text).not.toBe(readFileSync(file, 'utf8'));
  });

  test('the tests have files', () => {
    expect(mutation.tests.map(({ file }) => file).filter((file) => !existsSync(file))).toEqual([]);
  });
});

test('no two have one name', () => {
  const names = mutations.map(({ without }) => without);
  expect(new Set(names).size).toBe(names.length);
});

test('every file of attacks and every rule has one', () => {
  const files = readdirSync('e2e/attacks').map((name) => `e2e/attacks/${name}`);
  const named = new Set(mutations.flatMap(({ tests }) => tests.map(({ file }) => file)));
  expect(files.filter((file) => !named.has(file))).toEqual([]);
  expect(new Set(mutations.map(({ rule }) => rule)).size).toBe(12);
});

const example = (from: string): Mutation => ({
  rule: 'S1',
  without: 'an example',
  edits: [
    { file: 'a.ts', from, to: '$&' },
    { file: 'a.ts', from: 'three', to: 'four' },
  ],
  tests: [],
});

test('an edit changes the one place that it fits, and the next one what is there then', () => {
  expect(mutatedFiles(example('two'), () => 'one two three')).toEqual(new Map([['a.ts', 'one $& four']]));
});

test.each(['none', 'o'])('an edit that fits %j is refused', (from) => {
  expect(() => mutatedFiles(example(from), () => 'one two three')).toThrow(/a\.ts has [02] places/);
});

test('a text is counted', () => {
  expect(countOf('a b a', 'a')).toBe(2);
});

test('what depends on a changed file is built, in the order of the builds', () => {
  expect(modesFor(['client/index.ts'])).toEqual(['client', 'e2e', 'e2e-worker']);
  expect(modesFor(['server/node.ts', 'sw/core.ts'])).toEqual([
    'sw',
    'server',
    'e2e-worker',
    'e2e-edits-worker',
    'e2e-offline-worker',
  ]);
});
