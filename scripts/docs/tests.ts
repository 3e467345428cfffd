/** Lists the tests that carry a tag: browser tests by their Playwright tags, unit tests by `e2e/support/unit-proofs.ts`. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';

/** A test, or several that one line of the source makes from a list of values. */
export interface Proof {
  /** Tag without its `@`, such as `C4`. */
  readonly tag: string;
  /** Path of the file from the root of the repository. */
  readonly file: string;
  /** Titles of the test and of what it stands in; “…” stands for the values that it runs with. */
  readonly title: string;
}

/** The parts of Playwright's JSON report that are read (`@playwright/test/reporter`, JSONReport). */
interface Suite {
  readonly title: string;
  readonly file: string;
  readonly suites?: readonly Suite[];
  readonly specs: readonly Spec[];
}
interface Spec {
  readonly title: string;
  readonly tags: readonly string[];
  readonly file: string;
  readonly line: number;
}
interface Report {
  readonly config: { readonly rootDir: string };
  readonly suites: readonly Suite[];
  readonly errors: readonly { readonly message?: string }[];
}

/** All browser tests that have a tag, in the order of their files. */
export function taggedTests(): readonly Proof[] {
  buildImported();
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
  const { stdout, stderr } = spawnSync(process.execPath, [cli, 'test', '--list', '--reporter=json'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: '', PLAYWRIGHT_JSON_OUTPUT_FILE: '' },
  });
  const report = parse(stdout, stderr);
  const [error] = report.errors;
  if (error) throw new Error(`Playwright cannot list the tests: ${error.message ?? ''}`);
  return collapse(
    report.suites.flatMap((suite) => specsOf(suite, [])),
    report.config.rootDir,
  );
}

/** The tests import parts of the packages by their names: without them Playwright cannot load them. */
function buildImported(): void {
  if (existsSync('dist/server/index.js') && existsSync('testing/dist/playwright.js')) return;
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  const { status, stderr } = spawnSync(process.execPath, [tsx, 'scripts/build.ts', 'server', 'testing'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The parts that tests import were not built: ${stderr}`);
}

function parse(stdout: string, stderr: string): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    throw new Error(`Playwright gave no list of the tests: ${stderr || stdout}`);
  }
}

/** The tests of a suite with the titles of the describe blocks around them; the outermost suite is the file. */
function specsOf(suite: Suite, titles: readonly string[]): (Spec & { readonly path: readonly string[] })[] {
  return [
    ...suite.specs.map((spec) => ({ ...spec, path: [...titles, spec.title] })),
    ...(suite.suites ?? []).flatMap((inner) => specsOf(inner, [...titles, inner.title])),
  ];
}

/** One proof for all tests of one line of the source and one tag. */
function collapse(
  specs: readonly (Spec & { readonly path: readonly string[] })[],
  rootDir: string,
): readonly Proof[] {
  const groups = new Map<string, { tag: string; file: string; titles: string[] }>();
  for (const { tags, file, line, path } of specs) {
    for (const tag of tags.map((each) => each.replace(/^@/, ''))) {
      const key = `${tag} ${file}:${line}`;
      const group = groups.get(key) ?? {
        tag,
        file: relative('.', resolve(rootDir, file)).replaceAll('\\', '/'),
        titles: [],
      };
      group.titles.push(path.join(' › '));
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap(({ tag, file, titles }) => {
    const title = common(titles);
    // Two words in common say too little: then the reader gets every title.
    const listed = title.split(' ').length <= 3 ? titles : [title];
    return listed.map((each) => ({ tag, file, title: each }));
  });
}

/** What titles have in common, word by word, from both ends. */
export function common(titles: readonly string[]): string {
  const [first = [], ...others] = [...new Set(titles)].map((title) => title.split(' '));
  const countSame = (at: (words: readonly string[], index: number) => string | undefined): number => {
    const shortest = Math.min(first.length, ...others.map(({ length }) => length));
    for (let index = 0; index < shortest; index += 1)
      if (others.some((words) => at(words, index) !== at(first, index))) return index;
    return shortest;
  };
  if (others.length === 0) return first.join(' ');
  const shortest = Math.min(first.length, ...others.map(({ length }) => length));
  const before = countSame((words, index) => words[index]);
  const after = Math.min(
    shortest - before,
    countSame((words, index) => words.at(-1 - index)),
  );
  return [...first.slice(0, before), '…', ...first.slice(first.length - after)].join(' ');
}

/** The list under a case or a rule. */
export const listOf = (proofs: readonly Proof[], page: string): string =>
  proofs
    .map(({ file, title }) => `- [${shortName(file)}](${linkTo(file, page)}): ${escape(title)}`)
    .join('\n');

const linkTo = (file: string, page: string): string =>
  relative(resolve(page, '..'), file).replaceAll('\\', '/');

/** The name of a test file without its folder for browser tests; unit tests keep theirs, since several have one name. */
const shortName = (file: string): string => file.replace(/^e2e\//, '').replace(/\.(spec|test)\.ts$/, '');

/** Titles are plain text. */
const escape = (title: string): string => title.replace(/[<>*_[\]\\`]/g, '\\$&');
