/** The map is read and compared with small trees. */
import { expect, test } from 'vitest';
import { readMap, wrongOnMap } from './map.js';
import type { SourceTree } from './source-tree.js';

const map = readMap(`
sw/           the worker
  storage/    at rest: see docs/ too
  request/    one request
docs/         guides; decisions/ has the reasons
`);
const tree = (...paths: string[]): SourceTree => new Map(paths.map((path) => [path, '']));

test('reads folders and their rooms in order', () => {
  expect([...map]).toEqual([
    ['sw', ['storage', 'request']],
    ['docs', []],
  ]);
});

test('finds nothing wrong where folders and rooms are those that there are', () => {
  const house = tree('sw/index.ts', 'sw/storage/a.ts', 'sw/request/deep/b.ts', 'docs/a.md');
  expect(wrongOnMap(map, ['sw'], house)).toEqual([]);
});

test('reports a room that is forgotten, a room and a folder that are invented', () => {
  const house = tree('sw/storage/a.ts', 'sw/tokens/b.ts');
  expect(wrongOnMap(map, ['sw'], house)).toEqual(['docs/', 'sw/request/', 'sw/tokens/']);
});
