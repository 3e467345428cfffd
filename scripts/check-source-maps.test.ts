/** What the check of source maps finds. The maps of the packages are checked by `npm run check:package`. */
import { expect, test } from 'vitest';
import { mapProblems } from './check-source-maps.js';

const code = 'function first() {}\nfunction second() {}\n//# sourceMappingURL=index.js.map\n';
const map = {
  version: 3,
  sources: ['../a.ts'],
  sourcesContent: ['\nfunction first() {}\nfunction second() {}\n'],
  // The first line is the second of the source, the second its third.
  mappings: 'AACA;AACA',
};
const problems = (changes: object, script = code): string =>
  mapProblems('index.js', script, JSON.stringify({ ...map, ...changes })).join();

test('a map is right that leads each line to its source', () => {
  expect(problems({})).toBe('');
  expect(problems({}, 'x="a-long-word-1"')).toBe('leads to other lines than that of a-long-word-1');
  expect(problems({ sourcesContent: ['\nx = "a-long-word-1"'] }, 'x="a-long-word-1"')).toBe('');
});

test.each([
  ['of another line', { mappings: 'AACA;AAAA' }, 'leads to other lines than that of second'],
  ['without places', { mappings: '' }, 'leads to other lines than that of first, second'],
  ['of an absolute path', { sources: ['/src/a.ts'] }, 'has an absolute path: /src/a.ts'],
  ['of a path of Windows', { sources: ['C:\\src\\a.ts'] }, 'has an absolute path: C:\\src\\a.ts'],
  ['of a file address', { sources: ['file:///src/a.ts'] }, 'has an absolute path: file:///src/a.ts'],
  ['of an absolute folder', { sourceRoot: '/src' }, 'has an absolute path: /src'],
  ['without sources', { sourcesContent: [null] }, 'lacks the text of a source'],
])('a map %s is found', (_, changes, expected) => {
  expect(problems(changes)).toContain(expected);
});

test('a map under another name than the script says is found', () => {
  expect(problems({}, code.replace('index.js.map', 'other.js.map'))).toBe('is expected at other.js.map');
});
