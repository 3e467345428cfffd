/** A copy of the repository in which sources are changed, built and tested; the repository itself stays as it is. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { build } from 'vite';
import { allModes, modesFor, mutatedFiles, type Mutation, type NamedTests } from './mutation.js';

/** Longest time of one test, in ms: many of those that must fail fail by waiting. */
const TEST_TIMEOUT_MS = 40_000;

/** One test that ran. */
export interface TestRun {
  readonly file: string;
  readonly title: string;
  readonly isPassed: boolean;
}

/** The parts of Playwright's JSON report that are read (`@playwright/test/reporter`, JSONReport). */
interface Suite {
  readonly file: string;
  readonly suites?: readonly Suite[];
  readonly specs: readonly { readonly title: string; readonly ok: boolean; readonly file: string }[];
}
interface PlaywrightReport {
  readonly suites: readonly Suite[];
  readonly errors: readonly { readonly message?: string }[];
}

/** The part of Vitest's JSON report that is read. */
interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** The copy. */
export class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), 'identity-worker-mutations-'));

  constructor() {
    const listed = this.#run('git', ['ls-files', '-co', '--exclude-standard', '-z'], process.cwd());
    for (const file of listed.stdout.split('\0').filter((name) => name !== '' && existsSync(name))) {
      mkdirSync(dirname(join(this.#folder, file)), { recursive: true });
      cpSync(file, join(this.#folder, file));
    }
    symlinkSync(resolve('node_modules'), join(this.#folder, 'node_modules'), 'junction');
  }

  /** Builds the copy as it is. */
  async open(): Promise<void> {
    await this.#build(allModes);
    cpSync(join(this.#folder, 'dist'), join(this.#folder, 'dist.unchanged'), { recursive: true });
  }

  /** Does something to the changed product. The change is undone before the next one. */
  async with<T>(mutation: Mutation, act: () => T): Promise<T> {
    const original = (file: string): string => readFileSync(join(this.#folder, file), 'utf8');
    const files = mutatedFiles(mutation, original);
    const originals = new Map([...files.keys()].map((file) => [file, original(file)]));
    try {
      for (const [file, text] of files) writeFileSync(join(this.#folder, file), text);
      await this.#build(modesFor(files.keys()));
      return act();
    } finally {
      for (const [file, text] of originals) writeFileSync(join(this.#folder, file), text);
      rmSync(join(this.#folder, 'dist'), { recursive: true });
      cpSync(join(this.#folder, 'dist.unchanged'), join(this.#folder, 'dist'), { recursive: true });
    }
  }

  /** Runs tests. */
  test(tests: readonly NamedTests[]): TestRun[] {
    const inBrowser = tests.filter(({ file }) => file.endsWith('.spec.ts'));
    const inNode = tests.filter(({ file }) => !file.endsWith('.spec.ts'));
    return [
      ...(inBrowser.length > 0 ? this.#testInBrowser(inBrowser) : []),
      ...inNode.flatMap((named) => this.#testInNode(named)),
    ];
  }

  /** All tests of `e2e/attacks/`. */
  listAttacks(): Omit<TestRun, 'isPassed'>[] {
    return this.#playwright(['--list', 'e2e/attacks/']);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #build(modes: readonly string[]): Promise<void> {
    const configFile = join(this.#folder, 'vite.config.ts');
    for (const mode of modes) await build({ root: this.#folder, configFile, mode, logLevel: 'error' });
  }

  #testInBrowser(tests: readonly NamedTests[]): TestRun[] {
    const titles = tests.flatMap((named) => named.titles.map(escaped));
    const files = [...new Set(tests.map(({ file }) => file))];
    const ran = this.#playwright([
      '--workers=1',
      `--timeout=${TEST_TIMEOUT_MS}`,
      `--grep=${titles.join('|')}`,
      ...files,
    ]);
    return ran.filter((run) => tests.some((named) => isNamed(run, named)));
  }

  #playwright(given: readonly string[]): TestRun[] {
    const { stdout, stderr } = this.#run(
      process.execPath,
      ['node_modules/@playwright/test/cli.js', 'test', '--project=e2e*', '--reporter=json', ...given],
      this.#folder,
    );
    const report = parse(stdout, stderr) as PlaywrightReport;
    const [error] = report.errors;
    if (error) throw new Error(`The browser tests did not start: ${error.message ?? ''}`);
    return report.suites.flatMap(runsOf);
  }

  #testInNode({ file, titles }: NamedTests): TestRun[] {
    const { stdout, stderr } = this.#run(process.execPath, [
      'node_modules/vitest/vitest.mjs',
      'run',
      file,
      '--reporter=json',
      '-t',
      titles.map(escaped).join('|'),
    ]);
    const report = parse(stdout, stderr) as VitestReport;
    return report.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status }) => ({ file, title: fullName, isPassed: status === 'passed' }));
  }

  #run(command: string, given: readonly string[], cwd = this.#folder): ReturnType<typeof runText> {
    return runText(command, given, cwd);
  }
}

const runText = (
  command: string,
  given: readonly string[],
  cwd: string,
): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(command, given, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: '', PLAYWRIGHT_JSON_OUTPUT_FILE: '' },
  });

/** Whether a test is one of those that are named. */
export const isNamed = (
  { file, title }: Pick<TestRun, 'file' | 'title'>,
  { file: wanted, titles }: NamedTests,
): boolean => file === wanted && titles.some((part) => title.includes(part));

const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);

const runsOf = ({ specs, suites = [] }: Suite): TestRun[] => [
  ...specs.map(({ title, ok, file }) => ({ file: `e2e/${file}`, title, isPassed: ok })),
  ...suites.flatMap(runsOf),
];

function parse(stdout: string, stderr: string): unknown {
  try {
    return JSON.parse(stdout) as unknown;
  } catch {
    throw new Error(`The tests gave no report: ${stderr || stdout}`);
  }
}
