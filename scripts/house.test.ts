/** The house keeps its rules: lengths of files, direction of imports, words (CONTRIBUTING.md has the map). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { importsOf } from './house/imports.js';
import { readMap, wrongOnMap } from './house/map.js';
import {
  crossedBoundaries,
  fileCycles,
  forbiddenWords,
  longFiles,
  roomCycles,
  wrongDirections,
} from './house/rules.js';
import { readTree, topFolderOf, type SourceTree } from './house/source-tree.js';

/** Names of the rules that the sources do not keep yet. A rule that is kept has to leave the list. */
const notYetKept: readonly string[] = [];

const MAX_LINES = 300;

/** The rooms of sw/: each may import itself, the rooms before it and protocol/. Files in sw/ itself may import all. */
const roomsOfWorker = [
  'storage',
  'oauth',
  'portals',
  'tokens',
  'rpc',
  'sign-in',
  'request',
  'offline',
  'parts',
];

/** Top folder → the top folders that it may import from. */
const boundaries = [
  { folder: 'protocol', folders: [], packages: [] },
  { folder: 'sw', folders: ['protocol'] },
  { folder: 'client', folders: ['protocol'] },
  { folder: 'server', folders: ['protocol'] },
  { folder: 'vite', folders: ['server', 'sw'] },
  { folder: 'demo', folders: [], isConsumer: true },
  { folder: 'cli', folders: [] },
  { folder: 'testing', folders: ['demo'] },
  { folder: 'e2e', folders: ['demo', 'scripts', 'testing'], isConsumer: true },
];

/** Words that the standards have better ones for, and turns of phrase that hide a plain cause. */
const words = ['broker', 'in vain', 'nobody is asked', 'person', 'prologue', 'stranger', 'whoever'];

/** Names that the code of the product had for something that the RFCs, Fetch or Service Workers have a name for. */
const names = [
  'AnonymousAccess',
  'Audience',
  'ConfirmedTokens',
  'Departures',
  'Dialect',
  'GrantRefused',
  'HANDED_OVER',
  'NoVerdict',
  'Outgoing',
  'Ownership',
  'Passage',
  'TokenAnswer',
  'Verdict',
  'claimId',
];

const product = ['protocol', 'sw', 'client', 'server', 'vite'];
const around = ['cli', 'testing', 'demo', 'bench', 'scripts'];

const only = (tree: SourceTree, isWanted: (path: string) => boolean): SourceTree =>
  new Map([...tree].filter(([path]) => isWanted(path)));

const everything = readTree(
  '.',
  [...product, ...around, 'e2e', 'docs'],
  ['.ts', '.js', '.html', '.css', '.md'],
);

const imports = importsOf(everything);

/** What the rule about words reads: code, pages of the demo, documentation as it is today. */
const prose: SourceTree = new Map([
  ...only(everything, (path) => !/^(docs\/(decisions|api)|scripts\/(house|docs))\b/.test(path)),
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'].map(
    (path) => [path, readFileSync(path, 'utf8')] as const,
  ),
]);

const contributing = readFileSync('CONTRIBUTING.md', 'utf8');
const map = readMap(contributing);

const rules: Readonly<Record<string, () => string[]>> = {
  'no file is too long': () =>
    longFiles(readTree('.', [...product, ...around], ['.ts', '.js', '.html', '.css']), MAX_LINES),
  'no import cycle between files': () => fileCycles(imports),
  'no import cycle between rooms of sw/': () => roomCycles('sw', imports),
  'no import cycle between rooms of client/': () => roomCycles('client', imports),
  'rooms of sw/ import in one direction': () =>
    wrongDirections(
      { side: 'sw', rooms: roomsOfWorker, parts: 'parts', partInterface: 'sw/worker-part.ts' },
      imports,
    ),
  'no import across the boundaries': () => crossedBoundaries(boundaries, 'identity-worker', imports),
  'no word of the list': () => [
    ...forbiddenWords(words, prose),
    ...forbiddenWords(
      names,
      only(prose, (path) => [...product, 'docs', ''].includes(topFolderOf(path))),
    ),
  ],
  'the map shows the rooms that there are': () => wrongOnMap(map, ['sw', 'client'], everything),
};

for (const [name, faults] of Object.entries(rules)) {
  (notYetKept.includes(name) ? test.fails : test)(name, () => {
    expect(faults()).toEqual([]);
  });
}

test('the map shows the rooms of sw/ in the direction of imports', () => {
  expect(map.get('sw')).toEqual(roomsOfWorker);
});

test('the commands of CONTRIBUTING.md are scripts of package.json', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };
  const commands = [...contributing.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(commands));
});
