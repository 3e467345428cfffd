/** Writes `docs/browsers.md` after a run of all tests of engines: which journey works where. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter';
import { engines, type Engine } from './driver.js';
import { NOT_INSTALLED, NOT_SUPPORTED } from './reasons.js';

const names: Readonly<Record<Engine, string>> = {
  chromium: 'Chromium',
  firefox: 'Firefox',
  webkit: 'WebKitGTK',
};

const START = '<!-- last run -->';
const END = '<!-- end of last run -->';

/** Cells of a row, by engine. */
type Row = Map<Engine, string>;

const sections: Readonly<Record<string, string>> = {
  'sign-in.spec.ts': 'Signing in',
  'session.spec.ts': 'Session',
  'content.spec.ts': 'Content',
  'endings.spec.ts': 'Ends of requests',
  'page-api.spec.ts': 'What the client does',
  'addresses.spec.ts': 'Attacks: addresses',
  'callback.spec.ts': 'Attacks: callback',
  'reports.spec.ts': 'Attacks: reports',
  'sealed.spec.ts': 'Sealed worker',
};

export default class TableReporter implements Reporter {
  readonly #rows = new Map<string, Map<string, Row>>();
  readonly #versions = new Map<Engine, string>();
  readonly #notes: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    const engine = test.parent.project()?.name as Engine;
    const version = test.annotations.find(({ type }) => type === 'version')?.description;
    if (version !== undefined) this.#versions.set(engine, version);
    const file = test.location.file.replace(/^.*[\\/]/, '');
    const rows = this.#rows.get(file) ?? new Map<string, Row>();
    this.#rows.set(file, rows);
    const row = rows.get(test.title) ?? (new Map() as Row);
    rows.set(test.title, row);
    row.set(engine, this.#cell(test, result));
  }

  async onEnd({ status }: FullResult): Promise<void> {
    const page = process.env['ENGINES_TABLE'];
    if (page === undefined || status === 'interrupted') return;
    const text = readFileSync(page, 'utf8');
    const [before = '', rest = ''] = text.split(START);
    const [, after = ''] = rest.split(END);
    const written = `${before}${START}\n\n${this.#render()}\n\n${END}${after}`;
    writeFileSync(page, await format(written, { ...(await resolveConfig(page)), filepath: page }));
  }

  #cell(test: TestCase, result: TestResult): string {
    if (result.status === 'skipped') {
      const reason = test.annotations.find(({ type }) => type === 'skip')?.description ?? '';
      return [NOT_INSTALLED, NOT_SUPPORTED].find((beginning) => reason.startsWith(beginning)) ?? 'skipped';
    }
    const limit = test.annotations.find(({ type }) => type === 'fail')?.description;
    if (test.expectedStatus === 'failed')
      return result.status === 'failed' ? this.#note(limit ?? '', 'no') : 'works, against what is expected';
    if (result.status === 'passed') return 'works';
    const [line = ''] = stripColours(result.error?.message ?? result.status).split('\n');
    return this.#note(line.slice(0, 200), 'fails');
  }

  /** A word with the number of its note. */
  #note(text: string, word: string): string {
    if (!this.#notes.includes(text)) this.#notes.push(text);
    return `${word} [${this.#notes.indexOf(text) + 1}]`;
  }

  #render(): string {
    const date = new Date().toISOString().slice(0, 10);
    const versions = engines
      .map((engine) => `${names[engine]} ${this.#versions.get(engine) ?? `(${NOT_INSTALLED})`}`)
      .join(', ');
    const tables = [...this.#rows]
      .sort(([one], [other]) => order(one) - order(other))
      .map(([file, rows]) => {
        const lines = [...rows].map(
          ([title, row]) =>
            `| ${escape(title)} | ${engines.map((engine) => row.get(engine) ?? '').join(' | ')} |`,
        );
        return `### ${sections[file] ?? file}\n\n| | ${engines.map((engine) => names[engine]).join(' | ')} |\n| --- | --- | --- | --- |\n${lines.join('\n')}`;
      });
    const notes = this.#notes.map((text, index) => `${index + 1}. ${escape(text)}`).join('\n');
    return [`${date}: ${versions}.`, ...tables, ...(notes === '' ? [] : [`### Notes\n\n${notes}`])].join(
      '\n\n',
    );
  }
}

const order = (file: string): number => Object.keys(sections).indexOf(file);

const escape = (text: string): string => text.replace(/[<|]/g, (sign) => (sign === '<' ? '&lt;' : '\\|'));

// oxlint-disable-next-line no-control-regex -- what terminals take for a colour begins with it
const stripColours = (text: string): string => text.replace(/\u001B\[\d+m/g, '');
