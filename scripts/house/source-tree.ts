/** The files that the rules of the house are about: path from the root of the repository → text. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, posix } from 'node:path';

export type SourceTree = ReadonlyMap<string, string>;

/** Reads the files with one of these extensions under `folders` of `root`. A folder that does not exist is empty. */
export function readTree(
  root: string,
  folders: readonly string[],
  extensions: readonly string[],
): SourceTree {
  const tree = new Map<string, string>();
  for (const folder of folders) {
    for (const path of filesUnder(root, folder))
      if (extensions.includes(extname(path))) tree.set(path, readFileSync(posix.join(root, path), 'utf8'));
  }
  return tree;
}

function filesUnder(root: string, folder: string): string[] {
  const entries = readdirSync(root, { withFileTypes: true });
  if (!entries.some((entry) => entry.isDirectory() && entry.name === folder)) return [];
  return walk(root, folder).sort();
}

/** Without packages, which e2e/clients has of its own, and without what is built in testing/. */
function walk(root: string, folder: string): string[] {
  return readdirSync(posix.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return ['node_modules', 'dist'].includes(entry.name) ? [] : walk(root, path);
  });
}

/** Unit tests and the code that only they use. */
export const isTest = (path: string): boolean => /\.test\.ts$|(^|[./])(testing|test-support)\.ts$/.test(path);

/** The first folder of a path, or `''` for a file at the root. */
export const topFolderOf = (path: string): string =>
  path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
