/** Files of the project: read as text, and written all together or not at all. */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { ProjectError } from './project-error.js';

/** A file as it is, and as it is to be; `undefined` where there is none. */
export interface Change {
  /** From the project's folder, with slashes. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/**
 * Text of a file, with its byte order mark. `undefined` where there is none.
 *
 * @throws ProjectError for what is no text file of the project.
 */
export function readText(folder: string, path: string): string | undefined {
  const file = targetOf(folder, path);
  if (!existsSync(file)) return undefined;
  if (!statSync(file).isFile())
    throw new ProjectError(`${path} is no file. Move it away, then run this again.`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError)
      throw new ProjectError(`${path} is not in UTF-8. Save it in UTF-8, then run this again.`);
    throw new ProjectError(`${path} cannot be read (${codeOf(error)}). Allow it, then run this again.`);
  }
}

/**
 * Where a path leads to, links followed.
 *
 * @throws ProjectError where that is outside of the project: the file is not only its own.
 */
export function targetOf(folder: string, path: string): string {
  const root = realpathSync(folder);
  let existing = join(root, path);
  while (!lstatSync(existing, { throwIfNoEntry: false })) existing = dirname(existing);
  const target = existsSync(existing) ? realpathSync(existing) : undefined;
  if (target === undefined)
    throw new ProjectError(`${path} is a link that leads nowhere. Remove it, then run this again.`);
  if (target !== root && !target.startsWith(root.endsWith(sep) ? root : root + sep))
    throw new ProjectError(
      `${path} leads to ${target}, outside of this folder. Put a file of its own here, then run this again.`,
    );
  return join(target, relative(existing, join(root, path)));
}

/** @throws ProjectError where one of the files cannot be written. */
export function ensureWritable(folder: string, changes: readonly Change[]): void {
  for (const { path } of changes) {
    const file = targetOf(folder, path);
    // The superuser may write what is marked as read-only; the mark is meant all the same.
    const isReadOnly = existsSync(file) && (statSync(file).mode & 0o222) === 0;
    const parent = nearestFolder(file);
    if (isReadOnly || !mayWrite(parent) || !statSync(parent).isDirectory())
      throw new ProjectError(`${path} cannot be written: it is read-only. Allow it, then run this again.`);
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function nearestFolder(file: string): string {
  const parent = dirname(file);
  return existsSync(parent) ? parent : nearestFolder(parent);
}

/** Folders that the changes need and that are not there, outer ones first. */
export function missingFolders(folder: string, changes: readonly Change[]): string[] {
  const missing = new Set<string>();
  for (const { path } of changes) {
    const names = path.split('/').slice(0, -1);
    names.forEach((_, i) => {
      const parent = names.slice(0, i + 1).join('/');
      if (!existsSync(join(folder, parent))) missing.add(parent);
    });
  }
  return [...missing];
}

/**
 * Writes all changes. If one fails, those before it are taken back.
 *
 * @throws ProjectError
 */
export function writeAll(folder: string, changes: readonly Change[]): void {
  for (const { path, before } of changes)
    if (readText(folder, path) !== before)
      throw new ProjectError(`${path} was changed in the meantime. Nothing was written. Run this again.`);
  const folders = missingFolders(folder, changes);
  const written: Change[] = [];
  let current = '';
  try {
    for (const name of folders) mkdirSync(join(folder, (current = name)));
    for (const change of changes) {
      current = change.path;
      put(targetOf(folder, change.path), change.after);
      written.push(change);
    }
  } catch (error) {
    for (const { path, before } of written.toReversed()) put(targetOf(folder, path), before);
    removeFolders(folder, folders);
    throw new ProjectError(
      `${current} cannot be written (${codeOf(error)}). All files are as they were. Remove the cause, then run this again.`,
    );
  }
}

/** Removes folders that are empty, inner ones first. */
export function removeFolders(folder: string, names: readonly string[]): void {
  for (const name of names.toReversed()) {
    try {
      rmdirSync(targetOf(folder, name));
    } catch (error) {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error))) throw error;
    }
  }
}

/** Puts a file in its place as a whole, with the permissions of the one that it replaces. */
function put(file: string, text: string | undefined): void {
  if (text === undefined) return rmSync(file);
  const written = `${file}.identity-worker`;
  try {
    writeFileSync(written, text);
    if (existsSync(file)) chmodSync(written, statSync(file).mode);
    renameSync(written, file);
  } catch (error) {
    rmSync(written, { force: true });
    throw error;
  }
}

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
