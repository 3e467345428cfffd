/** What came of each mutation when it was last run. Kept in a file, of which docs/threat-model.md shows a table. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { mutations } from './list.js';
import type { Mutation } from './mutation.js';

const FILE = 'scripts/mutations/last-run.json';

/** What came of one mutation. */
export interface Result {
  readonly isKilled: boolean;
  /** How many tests were to fail. */
  readonly tests: number;
  /** Such as `2026-01-31`. */
  readonly day: string;
}

/** All results, by what the mutation is without, and the attack tests that no mutation names. */
interface LastRun {
  readonly results: Readonly<Record<string, Result>>;
  readonly unnamed: readonly string[];
}

const read = (): LastRun =>
  existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as LastRun) : { results: {}, unnamed: [] };

async function write(run: LastRun): Promise<void> {
  writeFileSync(FILE, await format(JSON.stringify(run), { ...(await resolveConfig(FILE)), filepath: FILE }));
}

/** Writes one result in place of the one before. */
export async function writeResult({ without }: Mutation, result: Result): Promise<void> {
  const run = read();
  const results = { ...run.results, [without]: result };
  // What is no mutation any more goes.
  const kept = mutations.flatMap((each) => {
    const known = results[each.without];
    return known ? [[each.without, known] as const] : [];
  });
  await write({ ...run, results: Object.fromEntries(kept) });
}

/** Writes which attack tests no mutation names. */
export const writeUnnamed = (unnamed: readonly string[]): Promise<void> => write({ ...read(), unnamed });

/** The part of docs/threat-model.md. */
export function mutationTable(): string {
  const { results, unnamed } = read();
  const ran = mutations.flatMap((mutation) => {
    const result = results[mutation.without];
    return result ? [{ ...mutation, ...result }] : [];
  });
  const killed = ran.filter(({ isKilled }) => isKilled);
  const survived = ran.filter(({ isKilled }) => !isKilled);
  const days = [...new Set(ran.map(({ day }) => day))].sort();
  return [
    `Run on ${days.join(', ')}: ${ran.length} of ${mutations.length} mutations, ${killed.length} killed, ${survived.length} survived.`,
    '',
    '| Rule | Without | Tests that fail |',
    '| --- | --- | ---: |',
    ...killed.map(({ rule, without, tests }) => `| ${rule} | ${cell(without)} | ${tests} |`),
    '',
    'Survived, and why:',
    '',
    ...survived.map(({ rule, without, survives = 'not known yet' }) => `- ${rule}: ${without}. ${survives}`),
    ...(unnamed.length > 0
      ? ['', 'Attack tests that no mutation names:', '', ...unnamed.map((title) => `- ${title}`)]
      : []),
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);
