/** Each rule of the house on small trees that keep it and that break it. */
import { describe, expect, test } from 'vitest';
import { cyclesOf } from './cycles.js';
import { importsOf } from './imports.js';
import {
  crossedBoundaries,
  fileCycles,
  forbiddenWords,
  longFiles,
  roomCycles,
  wrongDirections,
  type Direction,
} from './rules.js';
import type { SourceTree } from './source-tree.js';

const tree = (files: Readonly<Record<string, string>>): SourceTree => new Map(Object.entries(files));
const importing = (files: Readonly<Record<string, string>>) => importsOf(tree(files));

describe('importsOf', () => {
  const paths = { 'sw/b.ts': '', 'sw/c/d.ts': '' };

  test.each([
    ['a static import', "import { b } from './b.js';", 'sw/b.ts', false],
    ['an import for its effects', "import './b.js';", 'sw/b.ts', false],
    ['a type-only import', "import type { B } from './b.js';", 'sw/b.ts', true],
    ['an import of types alone', "import { type B } from './b.js';", 'sw/b.ts', true],
    ['an import of a value and a type', "import { b, type B } from './b.js';", 'sw/b.ts', false],
    ['a re-export', "export { b } from './b.js';", 'sw/b.ts', false],
    ['a re-export of everything', "export * from './c/d.js';", 'sw/c/d.ts', false],
    ['a re-exported type', "export type { B } from './b.js';", 'sw/b.ts', true],
    ['a dynamic import', "const b = () => import('./b.js');", 'sw/b.ts', false],
    ['an import type', "let b: import('./b.js').B;", 'sw/b.ts', true],
    ['another side', "import { p } from '../protocol/p.js';", 'protocol/p.js', false],
  ])('sees %s', (_, text, to, isTypeOnly) => {
    expect(importing({ ...paths, 'sw/a.ts': text })).toEqual([
      { from: 'sw/a.ts', to, isPackage: false, isTypeOnly },
    ]);
  });

  test('keeps the names of packages', () => {
    expect(importing({ 'sw/a.ts': "import { openDB } from 'idb';" })).toEqual([
      { from: 'sw/a.ts', to: 'idb', isPackage: true, isTypeOnly: false },
    ]);
  });

  test('does not take comments and texts for imports', () => {
    expect(importing({ 'sw/a.ts': "// import './b.js'\nconst text = `import './b.js'`;" })).toEqual([]);
  });
});

describe('cyclesOf', () => {
  test('finds none in a graph without any', () => {
    expect(
      cyclesOf([
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'c'],
        ['c', 'c'],
      ]),
    ).toEqual([]);
  });

  test('reports each group of nodes once, by its shortest cycle', () => {
    expect(
      cyclesOf([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
        ['b', 'a'],
        ['c', 'x'],
        ['x', 'y'],
        ['y', 'x'],
      ]),
    ).toEqual(['a → b → a', 'x → y → x']);
  });
});

describe('longFiles', () => {
  const lines = (count: number): string => 'x\n'.repeat(count);

  test('reports a file of more lines than allowed', () => {
    expect(longFiles(tree({ 'sw/a.ts': lines(4), 'sw/b.ts': lines(3) }), 3)).toEqual([
      'sw/a.ts: 4 lines, at most 3 are allowed',
    ]);
  });

  test('leaves tests out', () => {
    expect(longFiles(tree({ 'sw/a.test.ts': lines(4), 'demo/ask.test-support.ts': lines(4) }), 3)).toEqual(
      [],
    );
  });
});

describe('fileCycles', () => {
  test.each([
    ['static', "import { b } from './b.js';"],
    ['type-only', "import type { B } from './b.js';"],
    ['dynamic', "export const b = () => import('./b.js');"],
  ])('sees a cycle closed by a %s import', (_, text) => {
    expect(fileCycles(importing({ 'sw/a.ts': text, 'sw/b.ts': "import { a } from './a.js';" }))).toEqual([
      'sw/a.ts → sw/b.ts → sw/a.ts',
    ]);
  });
});

describe('roomCycles', () => {
  test('sees a cycle between rooms whose files have none', () => {
    const files = {
      'client/sign-in/a.ts': "import '../state.js';",
      'client/sign-in/b.ts': '',
      'client/state.ts': "import './sign-in/b.js';",
    };
    expect(fileCycles(importing(files))).toEqual([]);
    expect(roomCycles('client', importing(files))).toEqual([
      'client/sign-in → client/state.ts → client/sign-in',
    ]);
  });

  test('lets a room import files that lead nowhere', () => {
    expect(
      roomCycles(
        'client',
        importing({
          'client/sign-in/a.ts': "import '../popup.js';",
          'client/popup.ts': "import '../protocol/errors.js';",
          'client/index.ts': "import './sign-in/a.js'; import './popup.js';",
        }),
      ),
    ).toEqual([]);
  });

  test('leaves tests out', () => {
    expect(
      roomCycles(
        'sw',
        importing({
          'sw/storage/a.test.ts': "import '../request/b.js';",
          'sw/storage/a.ts': '',
          'sw/request/b.ts': "import '../storage/a.js';",
        }),
      ),
    ).toEqual([]);
  });
});

describe('wrongDirections', () => {
  const direction: Direction = {
    side: 'sw',
    rooms: ['storage', 'request', 'parts'],
    parts: 'parts',
    partInterface: 'sw/worker-part.ts',
  };
  const files = {
    'sw/storage/a.ts': '',
    'sw/request/b.ts': '',
    'sw/parts/c.ts': '',
    'sw/parts/d/d.ts': '',
    'sw/parts/d/e.ts': '',
    'sw/worker-part.ts': '',
    'sw/top.ts': '',
  };
  const faults = (more: Readonly<Record<string, string>>): string[] =>
    wrongDirections(direction, importing({ ...files, ...more }));

  test.each([
    ['a room before it', 'sw/request/x.ts', "import '../storage/a.js';"],
    ['its own room', 'sw/request/x.ts', "import './b.js';"],
    ['the protocol', 'sw/storage/x.ts', "import '../../protocol/errors.js';"],
    ['every room, from no room', 'sw/x.ts', "import './parts/c.js'; import './storage/a.js';"],
    ['every room, from a part', 'sw/parts/x.ts', "import '../request/b.js';"],
    ['the same part', 'sw/parts/d/x.ts', "import './e.js';"],
    ['the types of parts, from a part', 'sw/parts/x.ts', "import type { Part } from '../worker-part.js';"],
    ['a later room, from a test', 'sw/storage/x.test.ts', "import '../request/b.js';"],
  ])('allows %s', (_, path, text) => {
    expect(faults({ [path]: text })).toEqual([]);
  });

  test.each([
    ['a room after it', 'sw/storage/x.ts', "import '../request/b.js';", 'sw/request/b.ts'],
    ['its types', 'sw/storage/x.ts', "import type { B } from '../request/b.js';", 'sw/request/b.ts'],
    ['its dynamic import', 'sw/storage/x.ts', "import('../request/b.js');", 'sw/request/b.ts'],
    ['a part, from a room', 'sw/request/x.ts', "import '../parts/c.js';", 'sw/parts/c.ts'],
    ['a file of no room', 'sw/request/x.ts', "import '../top.js';", 'sw/top.ts'],
    ['a file of no room, from a part', 'sw/parts/x.ts', "import type { T } from '../top.js';", 'sw/top.ts'],
    ['the values of worker-part', 'sw/parts/x.ts', "import '../worker-part.js';", 'sw/worker-part.ts'],
  ])('reports %s', (_, path, text, to) => {
    expect(faults({ [path]: text })).toEqual([`${path} imports ${to}, which comes after it`]);
  });

  test('reports an import of another part', () => {
    expect(faults({ 'sw/parts/x.ts': "import './d/d.js';" })).toEqual([
      'sw/parts/x.ts imports another part: sw/parts/d/d.ts',
    ]);
  });

  test.each([
    ['imports', { 'sw/utils/x.ts': "import '../storage/a.js';" }],
    ['is imported', { 'sw/utils/x.ts': '', 'sw/y.ts': "import './utils/x.js';" }],
  ])('reports a room that is not in the list and %s', (_, more) => {
    expect(faults(more)).toEqual(['sw/utils/x.ts is in a room that is not in the list']);
  });
});

describe('crossedBoundaries', () => {
  const faults = (files: Readonly<Record<string, string>>): string[] =>
    crossedBoundaries(
      [
        { folder: 'protocol', folders: [], packages: [] },
        { folder: 'sw', folders: ['protocol'] },
        { folder: 'demo', folders: [], isConsumer: true },
      ],
      'identity-worker',
      importing(files),
    );

  test.each([
    ['the protocol from the worker', 'sw/a/b.ts', "import '../../protocol/errors.js';"],
    ['a package', 'sw/a.ts', "import 'idb';"],
    ['the package by its name from an app', 'demo/app.ts', "import 'identity-worker/sw';"],
    ['a folder without boundaries', 'scripts/a.ts', "import '../sw/a.js';"],
    ['anything from a test', 'protocol/a.test.ts', "import '../sw/a.js'; import 'vitest';"],
  ])('allows %s', (_, path, text) => {
    expect(faults({ [path]: text })).toEqual([]);
  });

  test.each([
    ['the page from the worker', 'sw/a.ts', "import type { A } from '../client/a.js';", '../client/a.js'],
    ['the package by its own name', 'sw/a.ts', "import 'identity-worker';", 'identity-worker'],
    ['a package from the protocol', 'protocol/a.ts', "import 'idb';", 'idb'],
    ['insides from an app', 'demo/app/a.ts', "import '../../sw/a.js';", '../../sw/a.js'],
  ])('reports %s', (_, path, text, to) => {
    expect(faults({ [path]: text })).toEqual([`${path} imports ${to.replace(/^(\.\.\/)+/, '')}`]);
  });
});

describe('forbiddenWords', () => {
  const faults = (text: string): string[] =>
    forbiddenWords(['stranger', 'in vain', 'Verdict'], tree({ 'docs/a.md': text }));

  test.each([
    ['a word', 'A stranger asks.', 'stranger'],
    ['its plural', 'x\nStrangers ask.', 'stranger'],
    ['a phrase', 'It waits in vain.', 'in vain'],
    ['a name inside a longer one', 'class NoVerdict {}', 'Verdict'],
  ])('reports %s', (_, text, word) => {
    expect(faults(text)).toEqual([`docs/a.md:${text.split('\n').length} has "${word}"`]);
  });

  test('leaves other words alone', () => {
    expect(faults('estranged; within vanity; the verdict')).toEqual([]);
  });
});
