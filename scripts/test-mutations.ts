/**
 * `npm run test:mutations`: takes the defences away, one after the other, and runs the tests that must fail then. It takes most of
 * an hour, and is no part of `npm test`. `-- <pattern>` runs the mutations whose rule, defence or test file matches;
 * `--no-control` leaves out the run of the tests with all defences in place.
 */
import { writeFileSync } from 'node:fs';
import { mutations } from './mutations/list.js';
import { writeResult, writeUnnamed } from './mutations/last-run.js';
import type { Mutation, NamedTests } from './mutations/mutation.js';
import { isNamed, Workshop, type TestRun } from './mutations/workshop.js';
import { generatorsFor, allProofs } from './docs/generators.js';
import { render } from './docs/page.js';

const PAGE = 'docs/threat-model.md';

const given = process.argv.slice(2);
const hasControl = !given.includes('--no-control');
const patterns = given.filter((argument) => !argument.startsWith('--')).map((text) => new RegExp(text));

const isWanted = ({ rule, without, tests }: Mutation): boolean => {
  const words = [rule, without, ...tests.map(({ file }) => file)];
  return patterns.length === 0 || patterns.some((pattern) => words.some((word) => pattern.test(word)));
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Titles that no test has, and tests that passed or failed where they should not have. */
function wrong(tests: readonly NamedTests[], ran: readonly TestRun[], shouldPass: boolean): string[] {
  const missing = tests.flatMap(({ file, titles }) =>
    titles
      .filter((title) => !ran.some((run) => isNamed(run, { file, titles: [title] })))
      .map((title) => `no test: ${title}`),
  );
  return [...missing, ...ran.filter(({ isPassed }) => isPassed !== shouldPass).map(({ title }) => title)];
}

/** Each file once, with all titles. */
const merged = (tests: readonly NamedTests[]): NamedTests[] =>
  [...new Set(tests.map(({ file }) => file))].map((file) => ({
    file,
    titles: [...new Set(tests.filter((named) => named.file === file).flatMap(({ titles }) => titles))],
  }));

function judge(
  { without, rule, survives }: Mutation,
  faults: readonly string[],
  startedAtMs: number,
): boolean {
  const isKilled = faults.length === 0;
  const isExpected = isKilled === (survives === undefined);
  const seconds = Math.round((Date.now() - startedAtMs) / 1000);
  say(
    `${isKilled ? 'killed  ' : 'survived'} ${isExpected ? ' ' : '!'} ${seconds} s  ${rule} without ${without}`,
  );
  if (!isExpected) for (const fault of faults) say(`             ${fault}`);
  return isExpected;
}

const wanted = mutations.filter(isWanted);
const workshop = new Workshop();
process.on('exit', () => workshop.close());
process.on('SIGINT', () => process.exit(130));
await workshop.open();

if (hasControl) {
  for (const named of merged(wanted.flatMap(({ tests }) => tests))) {
    const faults = wrong([named], workshop.test([named]), true);
    for (const fault of faults) say(`fails with all defences in place: ${named.file}: ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  }
}

for (const mutation of wanted) {
  const startedAtMs = Date.now();
  const { tests } = mutation;
  const ran = await workshop.with(mutation, () => workshop.test(tests));
  const faults = wrong(tests, ran, false);
  if (!judge(mutation, faults, startedAtMs)) process.exitCode = 1;
  const day = new Date().toISOString().slice(0, 10);
  await writeResult(mutation, { isKilled: faults.length === 0, tests: ran.length, day });
}

const named = mutations.flatMap(({ tests }) => tests);
const unnamed = workshop
  .listAttacks()
  .filter((run) => !named.some((tests) => isNamed(run, tests)))
  .map(({ file, title }) => `${file.replace(/^.*\/|\.spec\.ts$/g, '')}: ${title}`);
await writeUnnamed(unnamed);
writeFileSync(PAGE, await render(PAGE, generatorsFor(allProofs())));
