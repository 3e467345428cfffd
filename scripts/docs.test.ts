/** The documentation is whole: its generated parts are up to date, its links lead somewhere, and it leaves nothing public out. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { unitProofs } from '../e2e/support/unit-proofs.js';
import { entryPoints, exportedNames } from './docs/entry-points.js';
import { allProofs, generatorsFor } from './docs/generators.js';
import { deadLinks, missingFiles, slug } from './docs/links.js';
import { pages, render, snippetsOf } from './docs/page.js';
import { identityErrors } from './docs/sources.js';
import { common, type Proof } from './docs/tests.js';

const read = (page: string): string => readFileSync(page, 'utf8');

let proofs: readonly Proof[];
beforeAll(() => {
  proofs = allProofs();
}, 120_000);

describe.each(pages)('%s', (page) => {
  test('is what `npm run docs` makes of it', async () => {
    expect(await render(page, generatorsFor(proofs))).toBe(read(page));
  });

  test('has no snippet that no test runs', () => {
    expect(snippetsOf(page)).not.toContain(undefined);
  });

  test('has no dead link, and names no file that does not exist', () => {
    expect([...deadLinks(page), ...missingFiles(page)]).toEqual([]);
  });

  test('has no line of more than 400 characters', () => {
    const long = read(page)
      .split('\n')
      .filter((line) => line.length > 400);
    expect(long).toEqual([]);
  });
});

test('docs/errors.md lists every code with its message', () => {
  const text = read('docs/errors.md');
  expect(identityErrors().filter(({ code }) => !text.includes(`#### \`${code}\`\n`))).toEqual([]);
});

test('README.md has less than 900 words', () => {
  expect(read('README.md').split(/\s+/).length).toBeLessThan(900);
});

/** The sections of a page whose headings begin with a tag, such as `### C4: …`. */
const sections = (page: string): { tag: string; text: string }[] =>
  read(page)
    .split(/^(?=#{2,3} )/m)
    .flatMap((text) => {
      const [, tag] = /^### ([A-Z]\d+): /.exec(text) ?? [];
      return tag === undefined ? [] : [{ tag, text }];
    });

/** A test below the section's marker, or a limit that it links to in place of one. */
const isProven = ({ tag, text }: { tag: string; text: string }): boolean => {
  const [before = '', list = ''] = text.split(`<!-- generated: tests @${tag} -->`);
  return /^- \[/m.test(list) || /\]\(limits\.md#/.test(before);
};

test('docs/threat-model.md names an attack on every rule', () => {
  const rules = sections('docs/threat-model.md');
  expect(rules.map(({ tag }) => tag)).toEqual(Array.from({ length: 12 }, (_, index) => `S${index + 1}`));
  expect(rules.filter(({ text }) => !/^- \[/m.test(text)).map(({ tag }) => tag)).toEqual([]);
});

test('docs/field-cases.md proves every case', () => {
  const cases = sections('docs/field-cases.md');
  expect(cases.length).toBeGreaterThan(60);
  expect(cases.filter((section) => !isProven(section)).map(({ tag }) => tag)).toEqual([]);
});

test('every tag of a test is a case or a rule of the documentation', () => {
  const known = ['docs/field-cases.md', 'docs/threat-model.md'].flatMap(sections).map(({ tag }) => tag);
  const used = new Set(proofs.map(({ tag }) => tag).filter((tag) => /^[A-Z]\d+$/.test(tag)));
  expect([...used].filter((tag) => !known.includes(tag))).toEqual([]);
});

/** A title of a unit test as its source has it; the values that it runs with are left out. */
const titled = /(['`])((?:\\.|(?!\1)[^\\])+)\1,\s*(?:async\b|\()/g;
const withoutValues = (title: string): string =>
  title.replace(/\$\{[^}]*\}|%[sjd]|\$\w+/g, '…').replace(/\\(['`])/g, '$1');

test.each(unitProofs)('$file has the test “$title”', ({ file, title }) => {
  const titles = [...read(file).matchAll(titled)].map(([, , found = '']) => withoutValues(found));
  expect(titles).toContain(title);
});

/** What a reader of the guides sees; decisions and the changelog explain nothing. */
const guides = pages.filter((page) => !/CHANGELOG|SECURITY|decisions\//.test(page)).map(read);

test.each([...entryPoints(), ...entryPoints('testing/package.json')])(
  'every name that %s exports is in the documentation',
  (source) => {
    const unnamed = exportedNames(source).filter(
      (name) => !guides.some((text) => new RegExp(`\\b${name}\\b`).test(text)),
    );
    expect(unnamed).toEqual([]);
  },
);

test('anchors are those of GitHub', () => {
  expect(slug('`code-refused`')).toBe('code-refused');
  expect(slug('C4: a re-made request loses cache mode, and more')).toBe(
    'c4-a-re-made-request-loses-cache-mode-and-more',
  );
  expect(slug('[Size](x.md) & time')).toBe('size--time');
});

test('tests of one line are listed once, by what their titles have in common', () => {
  expect(common(['one'])).toBe('one');
  expect(common(['a GET with a stream works', 'a POST with a blob works'])).toBe('a … works');
  expect(common(['tiles: 1', 'tiles: 2'])).toBe('tiles: …');
});
