/** The rules of the house. Each takes the sources or their imports and returns what breaks it, one line a fault. */
import { cyclesOf } from './cycles.js';
import type { Import } from './imports.js';
import { isTest, topFolderOf, type SourceTree } from './source-tree.js';

/** Files that are longer than `max` lines. Tests may be. */
export function longFiles(tree: SourceTree, max: number): string[] {
  return [...tree].flatMap(([path, text]) => {
    const lines = text.replace(/\n$/, '').split('\n').length;
    return lines <= max || isTest(path) ? [] : [`${path}: ${lines} lines, at most ${max} are allowed`];
  });
}

/** Import cycles between files; type-only and dynamic imports count. */
export function fileCycles(imports: readonly Import[]): string[] {
  return cyclesOf(imports.filter(({ isPackage }) => !isPackage).map(({ from, to }) => [from, to]));
}

/** The folder of `side` that a file is in, or the file itself where it lies in `side` directly. */
function roomOf(side: string, path: string): string {
  const [, second = '', third] = path.split('/');
  return third === undefined ? path : `${side}/${second}`;
}

const isInside = (folder: string, path: string): boolean => path.startsWith(`${folder}/`);

/** Cycles between the rooms of `side`. A file that is in no room stands for itself. */
export function roomCycles(side: string, imports: readonly Import[]): string[] {
  return cyclesOf(
    imports
      .filter(({ from, to }) => !isTest(from) && isInside(side, from) && isInside(side, to))
      .map(({ from, to }) => [roomOf(side, from), roomOf(side, to)]),
  );
}

export interface Direction {
  side: string;
  /** Each room may import itself and the rooms before it; files in no room may import every room. */
  rooms: readonly string[];
  /** The room of parts: a part is a file or a folder in it, and imports no other part. */
  parts: string;
  /** The file outside of rooms that parts may import types from. */
  partInterface: string;
}

/** Imports against the direction of the rooms, and between parts. */
export function wrongDirections(
  { side, rooms, parts, partInterface }: Direction,
  imports: readonly Import[],
): string[] {
  const rank = (path: string): number => {
    const [, second = '', third] = path.split('/');
    return third === undefined ? rooms.length : rooms.indexOf(second);
  };
  const partOf = (path: string): string | undefined =>
    isInside(`${side}/${parts}`, path) ? path.split('/')[2]?.replace(/\.ts$/, '') : undefined;

  const faults = imports.flatMap(({ from, to, isTypeOnly }) => {
    if (isTest(from) || !isInside(side, from) || !isInside(side, to)) return [];
    const unlisted = [from, to].filter((path) => rank(path) === -1);
    if (unlisted.length > 0) return unlisted.map((path) => `${path} is in a room that is not in the list`);
    if (partOf(from) !== undefined && partOf(to) !== undefined)
      return partOf(from) === partOf(to) ? [] : [`${from} imports another part: ${to}`];
    if (partOf(from) !== undefined && to === partInterface && isTypeOnly) return [];
    return rank(to) > rank(from) ? [`${from} imports ${to}, which comes after it`] : [];
  });
  return [...new Set(faults)];
}

export interface Boundary {
  /** Top folder whose files this is about. */
  folder: string;
  /** Top folders, besides its own, that its files may import from. */
  folders: readonly string[];
  /** Its files import the package by its name, as an app does. */
  isConsumer?: boolean;
  /** The packages that its files may import; all where it is left out. */
  packages?: readonly string[];
}

/** Imports from one top folder into another one, or of a package, that the boundaries do not allow. */
export function crossedBoundaries(
  boundaries: readonly Boundary[],
  packageName: string,
  imports: readonly Import[],
): string[] {
  const byFolder = new Map(boundaries.map((boundary) => [boundary.folder, boundary]));
  return imports.flatMap(({ from, to, isPackage }) => {
    const folder = topFolderOf(from);
    const boundary = byFolder.get(folder);
    if (boundary === undefined || isTest(from)) return [];
    const isAllowed = isPackage
      ? isPackageAllowed(boundary, packageName, to)
      : topFolderOf(to) === folder || boundary.folders.includes(topFolderOf(to));
    return isAllowed ? [] : [`${from} imports ${to}`];
  });
}

function isPackageAllowed(
  { isConsumer, packages }: Boundary,
  packageName: string,
  specifier: string,
): boolean {
  if (specifier === packageName || specifier.startsWith(`${packageName}/`)) return isConsumer === true;
  return packages === undefined || packages.includes(specifier);
}

/** Lines that have one of the words: names with a capital letter anywhere, other words by themselves and in any case. */
export function forbiddenWords(words: readonly string[], tree: SourceTree): string[] {
  const patterns = words.map((word) => ({
    word,
    pattern: /[A-Z]/.test(word) ? new RegExp(word) : new RegExp(`\\b${word}s?\\b`, 'i'),
  }));
  return [...tree].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        patterns
          .filter(({ pattern }) => pattern.test(line))
          .map(({ word }) => `${path}:${index + 1} has "${word}"`),
      ),
  );
}
