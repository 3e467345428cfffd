/** A mutation: a change of the sources that takes a defence away, and the tests that must fail then. */
import { readFileSync } from 'node:fs';

/** A piece of a source file, and what stands in its place. */
export interface Edit {
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** Tests of one file whose titles contain a text. */
export interface NamedTests {
  /** A browser test, or a unit test (`.test.ts`). */
  readonly file: string;
  readonly titles: readonly string[];
}

/** The security rules of docs/threat-model.md. */
export type Rule = `S${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`;

/** One change, made of one or several edits. */
export interface Mutation {
  readonly rule: Rule;
  /** The defence that is taken away, in plain words. Names the mutation. */
  readonly without: string;
  readonly edits: readonly Edit[];
  /** All of them must fail. */
  readonly tests: readonly NamedTests[];
  /** Set where the tests pass all the same: what else stands before the attacker. */
  readonly survives?: string;
}

/** Browser tests of `e2e/attacks/`. */
export const attacks = (name: string, ...titles: string[]): NamedTests => ({
  file: `e2e/attacks/${name}.spec.ts`,
  titles,
});

/** Tests of another file, of the browser or of a unit. */
export const inTests = (file: string, ...titles: string[]): NamedTests => ({ file, titles });

/** How often a text occurs in another one. */
export const countOf = (text: string, part: string): number => text.split(part).length - 1;

/**
 * The changed files.
 *
 * @param read - Reads a file by its path from the root of the repository.
 * @returns Texts by path.
 * @throws Error where an edit does not fit its file.
 */
export function mutatedFiles(
  { without, edits }: Mutation,
  read = (file: string): string => readFileSync(file, 'utf8'),
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const text = files.get(file) ?? read(file);
    const count = countOf(text, from);
    if (count !== 1)
      throw new Error(`Without ${without}: ${file} has ${count} places with ${JSON.stringify(from)}.`);
    files.set(
      file,
      text.replace(from, () => to),
    );
  }
  return files;
}

/** Top folder → the builds of vite.config.ts that a change in it concerns, in their order. */
const modes: Readonly<Record<string, readonly string[]>> = {
  protocol: ['sw', 'client', 'server', 'e2e', 'e2e-worker', 'e2e-edits-worker', 'e2e-offline-worker'],
  sw: ['sw', 'e2e-worker', 'e2e-edits-worker', 'e2e-offline-worker'],
  client: ['client', 'e2e', 'e2e-worker'],
  server: ['server'],
};

/** All builds that the tests of mutations use. */
export const allModes = [
  'sw',
  'client',
  'server',
  'ready-worker',
  'e2e',
  'e2e-worker',
  'e2e-edits-worker',
  'e2e-offline-worker',
] as const;

/** The builds that changed files concern. */
export function modesFor(files: Iterable<string>): readonly string[] {
  const concerned = new Set([...files].flatMap((file) => modes[file.split('/')[0] ?? ''] ?? allModes));
  return allModes.filter((mode) => concerned.has(mode));
}
