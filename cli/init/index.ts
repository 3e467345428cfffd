/** `npx identity-worker init`: adds what is missing to the project in this folder, after it has shown the changes and asked. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { complain, print, read, UsageError, type Command } from '../command.js';
import { showChanges } from './diff.js';
import { ensureWritable, type Change } from './files.js';
import { uncommitted } from './git.js';
import type { ByHand, OwnPackage, Plan } from './plan.js';
import { planFor } from './project.js';
import { ProjectError } from './project-error.js';
import { levels, readClientId, readPersistence, readPortal, type Registration } from './registration.js';
import { terminalOf, type Terminal } from './terminal.js';
import { changesBack, undo, writeUndoably } from './undo.js';

const usage = `Usage: npx identity-worker init [options]

Adds what is missing to the project in this folder: it shows the changes and asks first.

  --portal <url>          the portal, such as https://gis.example.org/portal
  --client-id <id>        the app's client id at the portal
  --persistence <level>   where tokens are kept: ${levels.join(', ')}
  --dry-run               show the changes only
  --yes                   do not ask
  --force                 with --yes: also where git has changes that are not committed
  --undo                  take back what the last run has changed

The exit code is 1 where something is missing still.`;

/** What the command works with. */
export interface Surroundings {
  readonly folder: string;
  readonly terminal: Terminal;
  readonly own: OwnPackage;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Colours a line of the changes. */
  readonly paint: (line: string) => string;
}

export const init: Command = {
  usage,
  run: (args) =>
    runInit(args, {
      folder: process.cwd(),
      terminal: terminalOf(process.stdin, process.stdout),
      own: ownPackage(),
      print,
      complain,
      paint: process.stdout.isTTY && process.stdout.hasColors() ? paint : (line) => line,
    }),
};

/** @throws UsageError */
export async function runInit(args: readonly string[], given: Surroundings): Promise<number> {
  const { values } = read({
    args: [...args],
    options: {
      portal: { type: 'string' },
      'client-id': { type: 'string' },
      persistence: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      undo: { type: 'boolean', default: false },
    },
  });
  const known: Partial<Registration> = {
    ...(values.portal === undefined ? {} : { portal: readPortal(values.portal) }),
    ...(values['client-id'] === undefined ? {} : { clientId: readClientId(values['client-id']) }),
    ...(values.persistence === undefined ? {} : { persistence: readPersistence(values.persistence) }),
  };
  const options = { dryRun: values['dry-run'], yes: values.yes, force: values.force };
  try {
    return values.undo ? await takeBack(options, given) : await add(known, options, given);
  } catch (error) {
    if (!(error instanceof ProjectError) && !isOfFileSystem(error)) throw error;
    given.complain(error.message);
    return 1;
  }
}

/** Its message names operation and path. */
const isOfFileSystem = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'path' in error;

interface Options {
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly force: boolean;
}

async function add(known: Partial<Registration>, options: Options, given: Surroundings): Promise<number> {
  const { folder, own } = given;
  let isNeeded = false;
  const first = await planFor(folder, own, () => {
    isNeeded = true;
    return { portal: 'https://portal.invalid', clientId: 'unknown', ...known };
  });
  if (first.changes.length === 0 && first.byHand.length === 0) {
    given.print('Nothing is missing.');
    return 0;
  }
  const isSilent = options.yes || options.dryRun;
  const registration = await complete(known, isNeeded, isSilent, given.terminal);
  if (!registration) return nothingChanged(given);
  const plan = isNeeded ? await planFor(folder, own, () => registration) : first;
  const isDone = plan.byHand.length === 0;
  const { changes } = plan;
  ensureWritable(folder, changes);
  show(plan, given);
  if (options.dryRun || changes.length === 0) return isDone ? 0 : 1;
  if (!(await isAllowed(changes, options, 'Write these changes?', given))) return nothingChanged(given);
  writeUndoably(folder, changes);
  given.print(
    [
      `\nWritten: ${changes.map(({ path }) => path).join(', ')}.`,
      'To take it back: npx identity-worker init --undo. Once all is well, delete .identity-worker-undo.',
      '',
      'Next:',
      ...[...(isDone ? [] : ['Add the lines above that are left to you.']), ...plan.next].map(
        (each) => `  ${each}`,
      ),
    ].join('\n'),
  );
  return isDone ? 0 : 1;
}

async function takeBack(options: Options, given: Surroundings): Promise<number> {
  const changes = changesBack(given.folder);
  if (!options.yes && !options.dryRun && !given.terminal.isInteractive) throw missing(['--yes or --dry-run']);
  ensureWritable(given.folder, changes);
  given.print(showChanges(changes, given.paint));
  if (options.dryRun) return 0;
  const answer = options.yes ? 'y' : await given.terminal.ask('\nTake these changes back? [y/N] ');
  if (!isYes(answer)) return nothingChanged(given);
  undo(given.folder, changes);
  given.print(`\nAs before: ${changes.map(({ path }) => path).join(', ')}.`);
  return 0;
}

/** Asks for what is not given. `undefined` where the user stops. @throws UsageError where there is no terminal to ask at. */
async function complete(
  known: Partial<Registration>,
  isNeeded: boolean,
  isSilent: boolean,
  terminal: Terminal,
): Promise<Registration | undefined> {
  let { portal, clientId } = known;
  if (!terminal.isInteractive) {
    const lacking = [
      ...(isNeeded && portal === undefined ? ['--portal <url>'] : []),
      ...(isNeeded && clientId === undefined ? ['--client-id <id>'] : []),
      ...(isSilent ? [] : ['--yes or --dry-run']),
    ];
    if (lacking.length > 0) throw missing(lacking);
  }
  if (isNeeded) {
    portal ??= await askFor(terminal, 'Address of the portal: ', readPortal);
    if (portal === undefined) return undefined;
    clientId ??= await askFor(terminal, 'Client id of the app at the portal: ', readClientId);
    if (clientId === undefined) return undefined;
  }
  return { ...known, portal: portal ?? '', clientId: clientId ?? '' };
}

const missing = (options: readonly string[]): UsageError =>
  new UsageError(`There is no terminal to ask at. Missing: ${options.join(', ')}.`);

async function askFor(
  terminal: Terminal,
  question: string,
  check: (text: string) => string,
): Promise<string | undefined> {
  const answer = await terminal.ask(question);
  return answer === undefined || answer === '' ? undefined : check(answer);
}

function show({ changes, byHand }: Plan, given: Surroundings): void {
  if (changes.length > 0) given.print(showChanges(changes, given.paint));
  for (const each of byHand) given.print(`\n${describe(each)}`);
}

const describe = ({ path, why, lines }: ByHand): string =>
  [
    `${path} is left to you: ${why}. Add:`,
    '',
    ...lines
      .join('\n')
      .split('\n')
      .map((line) => `    ${line}`),
  ].join('\n');

async function isAllowed(
  changes: readonly Change[],
  { yes, force }: Options,
  question: string,
  { folder, terminal, complain: warn }: Surroundings,
): Promise<boolean> {
  const others = uncommitted(folder);
  if (others.length > 0) {
    const named = others.slice(0, 5).join(', ') + (others.length > 5 ? ', …' : '');
    const touched = changes.some(({ path }) => others.some((other) => `/${other}`.endsWith(`/${path}`)));
    warn(
      `\ngit has changes here that are not committed (${named})${touched ? ', some in files that would change' : ''}. Commit them first to tell them from these.`,
    );
    if (yes && !force) {
      warn('--yes does not go on with that; --yes --force does.');
      return false;
    }
  }
  return yes || isYes(await terminal.ask(`\n${question} [y/N] `));
}

const isYes = (answer: string | undefined): boolean => /^y(es)?$/i.test(answer ?? '');

function nothingChanged(given: Surroundings): number {
  given.complain('Nothing was changed.');
  return 1;
}

/** This package, as it is installed. */
function ownPackage(): OwnPackage {
  const path = createRequire(import.meta.url).resolve('identity-worker/package.json');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return { version, dist: join(dirname(path), 'dist') };
}

const colours: Readonly<Record<string, number>> = { '+': 32, '-': 31, '@': 36 };

function paint(line: string): string {
  const colour = colours[line[0] ?? ''];
  return colour === undefined ? line : `\x1b[${colour}m${line}\x1b[0m`;
}
