/** What `init` has changed is kept in a folder of the project, so that it can be taken back with git and without. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, missingFolders, readText, removeFolders, targetOf, writeAll, type Change } from './files.js';
import { ProjectError } from './project-error.js';

export const UNDO_FOLDER = '.identity-worker-undo';

const FILE = 'runs.json';

/** One run of `init`. */
interface Run {
  readonly files: readonly { path: string; before?: string; hashAfter: string }[];
  /** Folders that it has made. */
  readonly folders: readonly string[];
}

const hashOf = (text: string | undefined): string =>
  createHash('sha256')
    .update(text ?? '')
    .digest('hex');

/**
 * Writes the changes, and notes how to take them back first.
 *
 * @throws ProjectError; then nothing is changed.
 */
export function writeUndoably(folder: string, changes: readonly Change[]): void {
  const runs = readRuns(folder);
  const files = changes.map(({ path, before, after }) => ({
    path,
    ...(before === undefined ? {} : { before }),
    hashAfter: hashOf(after),
  }));
  keep(folder, [...runs, { files, folders: missingFolders(folder, changes) }]);
  try {
    writeAll(folder, changes);
  } catch (error) {
    keep(folder, runs);
    throw error;
  }
}

/** The changes that take the last run back. @throws ProjectError where a file is no longer as that run has left it. */
export function changesBack(folder: string): Change[] {
  const run = readRuns(folder).at(-1);
  if (!run)
    throw new ProjectError(
      'There is nothing to undo: init has changed nothing in this folder, or it is undone.',
    );
  const changed: string[] = [];
  const changes = run.files.flatMap(({ path, before, hashAfter }) => {
    const now = readText(folder, path);
    // Its run may have been ended between two files.
    if (now === before) return [];
    if (now === undefined || hashOf(now) !== hashAfter) changed.push(path);
    return [{ path, before: now, after: before }];
  });
  if (changed.length > 0)
    throw new ProjectError(
      `Changed after init: ${changed.join(', ')}. Nothing was undone, or these changes would be lost. Take them back and run this again, or restore by hand: the texts from before are in ${UNDO_FOLDER}/${FILE}.`,
    );
  return changes;
}

/** Takes the last run back. @throws ProjectError; then nothing is changed. */
export function undo(folder: string, changes: readonly Change[]): void {
  const runs = readRuns(folder);
  writeAll(folder, changes);
  removeFolders(folder, runs.at(-1)?.folders ?? []);
  keep(folder, runs.slice(0, -1));
}

function readRuns(folder: string): Run[] {
  const path = `${UNDO_FOLDER}/${FILE}`;
  const text = readText(folder, path);
  if (text === undefined) return [];
  try {
    const runs = JSON.parse(text) as Run[];
    const isWhole = ({ files, folders }: Run): boolean =>
      [...files.flatMap((file) => [file.path, file.hashAfter, file.before ?? '']), ...folders].every(
        (value) => typeof value === 'string',
      );
    if (!runs.every(isWhole)) throw new TypeError('not a list of runs');
    return runs;
  } catch {
    throw new ProjectError(`${path} is damaged. Delete the folder ${UNDO_FOLDER}; what it has kept is lost.`);
  }
}

function keep(folder: string, runs: readonly Run[]): void {
  const kept = targetOf(folder, UNDO_FOLDER);
  if (runs.length === 0) return rmSync(kept, { recursive: true, force: true });
  try {
    if (!existsSync(kept)) mkdirSync(kept);
    // The folder is no part of the project: git leaves it alone.
    writeFileSync(join(kept, '.gitignore'), '*\n');
    writeFileSync(join(kept, FILE), JSON.stringify(runs));
  } catch (error) {
    throw new ProjectError(
      `${UNDO_FOLDER} cannot be written (${codeOf(error)}). Nothing was changed. Allow files in this folder, then run this again.`,
    );
  }
}
