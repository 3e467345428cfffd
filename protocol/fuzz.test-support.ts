/** Fuzzing of parsers: valid input, changed in one to three places by what has broken parsers before. Seeded, with a corpus. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzCorpus } from './fuzz-corpus.test-support.js';

/** Stands in inputs where servers and users have secrets; no error may repeat it. */
export const SECRET = 'S3cr3tS3cr3tS3cr3tS3cr3tS3cr3tS3cr3tS3cr3t0';

const SEED = 20_261_129;

/** For how many characters a text is repeated, and how long reading it may take on a busy machine, in ms. */
const LONG = 50_000;
const LONG_MS = 1_000;

const values: readonly unknown[] = [
  null,
  undefined,
  true,
  0,
  -1,
  1e308,
  NaN,
  Infinity,
  2 ** 53,
  '',
  ' ',
  '0',
  '__proto__',
  'constructor',
  'javascript:alert(1)',
  '//evil.example',
  'https://user:pass@gis.example.org:99999/',
  '\u0000',
  '\ud800',
  '\u202e\ufeff',
  '%',
  '%00%2f%2e%2e',
  'a'.repeat(500),
  [],
  [[[]]],
  {},
  { toString: null, valueOf: null },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
];

const pieces = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ',',
  ':',
  '=',
  ';',
  '&',
  '%',
  '#',
  '\n',
  '\u2028',
  '\u0000',
  'ſ',
  '𝒳',
  '-1',
  '1e999',
];

/** A change: where, what kind of, and with what. */
interface Change {
  readonly at: number;
  readonly kind: number;
  readonly value: unknown;
  readonly piece: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(10_000),
  kind: fc.nat(7),
  value: fc.constantFrom(...values),
  piece: fc.constantFrom(...pieces),
});

type Holder = Record<string, unknown>;

/** Every place of a value: its holder and its name there. */
function placesOf(holder: Holder, found: [Holder, string][] = []): [Holder, string][] {
  for (const name of Object.keys(holder)) {
    found.push([holder, name]);
    const value = holder[name];
    if (typeof value === 'object' && value !== null) placesOf(value as Holder, found);
  }
  return found;
}

function changedText(text: string, { at, kind, piece }: Change): string {
  const start = at % (text.length + 1);
  switch (kind) {
    case 0:
      return text.slice(0, start);
    case 1:
      return text.slice(start);
    case 2:
      return text + text;
    case 3:
      return text.slice(0, start) + piece.repeat(20) + text.slice(start);
    default:
      return text.slice(0, start) + piece + text.slice(start + (kind % 3));
  }
}

/** Sets an own property, whatever its name. */
const define = (holder: Holder, name: string, value: unknown): unknown =>
  Object.defineProperty(holder, name, {
    // The list of values stays as it is.
    value: structuredClone(value),
    enumerable: true,
    configurable: true,
    writable: true,
  });

function apply(valid: unknown, changes: readonly Change[]): unknown {
  const root: Holder = { input: structuredClone(valid) };
  for (const each of changes) {
    const places = placesOf(root);
    const [holder, name] = places[each.at % places.length] ?? [root, 'input'];
    const old = holder[name];
    if (typeof old === 'string' && each.kind !== 7) define(holder, name, changedText(old, each));
    else if (each.kind === 0 && holder !== root && !Array.isArray(holder)) delete holder[name];
    else if (each.kind === 1 && holder !== root) define(holder, '__proto__', { polluted: true });
    else if (each.kind === 2) define(holder, name, [old, old]);
    else if (each.kind === 3 && typeof old === 'object' && old !== null && !Array.isArray(old))
      define(old as Holder, each.piece, each.value);
    else define(holder, name, each.value);
  }
  return root['input'];
}

/** A parser, what it takes, and what must be true of whatever it gives. */
export interface Target<I> {
  readonly name: string;
  readonly valid: readonly I[];
  readonly parse: (input: never) => unknown;
  /** Throws or answers `false` for what is not of the declared type. */
  readonly check: (output: never, input: never) => boolean | void;
  /** Errors that the parser may throw. */
  readonly errors?: readonly (abstract new (...args: never[]) => Error)[];
  /** Fewer inputs, for what reads whole responses. */
  readonly isSlow?: boolean;
  /** The input may be of any type; otherwise only texts are made where it is a text. */
  readonly isAny?: boolean;
}

/** Inputs for each target: 100,000 for all that there are. */
const RUNS = 3_600;
const SLOW_RUNS = 1_000;

/**
 * Makes the tests of the targets: the corpus first, then changed inputs, then long ones.
 */
export function fuzz(targets: readonly Target<unknown>[]): void {
  for (const target of targets) {
    const { name, valid, isAny = false, isSlow = false } = target;
    const runs = isSlow ? SLOW_RUNS : RUNS;
    const isText = !isAny && valid.every((input) => typeof input === 'string');
    test(`${name}: ${runs} changed inputs`, async () => {
      for (const input of [...valid, ...(fuzzCorpus[name] ?? [])]) await tryOne(target, input);
      const inputs = fc
        .tuple(fc.constantFrom(...valid), fc.array(change, { minLength: 1, maxLength: 3 }))
        .map(([input, changes]) => apply(input, changes))
        .filter((input) => !isText || typeof input === 'string');
      await fc.assert(
        fc.asyncProperty(inputs, (input) => tryOne(target, input)),
        { seed: SEED, numRuns: runs },
      );
    });
    if (!isText) continue;
    test(`${name}: long inputs take linear time`, async () => {
      for (const input of valid)
        for (const piece of [
          'a',
          ' ',
          '/',
          'aB',
          '<!',
          '"',
          '\\',
          '=',
          ',',
          '{',
          '%25',
          '1',
          input.slice(0, 8),
        ]) {
          const long = piece.repeat(LONG / piece.length);
          const startedAtMs = performance.now();
          await tryOne(target, input + long);
          expect(performance.now() - startedAtMs, `${piece} behind ${input}`).toBeLessThan(LONG_MS);
        }
    });
  }
}

async function tryOne({ parse, check, errors = [] }: Target<unknown>, input: unknown): Promise<void> {
  let output: unknown;
  try {
    output = await (parse as (given: unknown) => unknown)(input);
  } catch (error) {
    if (!errors.some((type) => error instanceof type)) throw error;
    const { message, facts } = error as Error & { facts?: unknown };
    if (message.includes(SECRET) || (JSON.stringify(facts) ?? '').includes(SECRET))
      throw new Error('An error repeats a secret.', { cause: error });
    return;
  }
  if ((check as (given: unknown, from: unknown) => unknown)(output, input) === false)
    throw new Error(`Not of its type: ${JSON.stringify(output)}`);
  if ('polluted' in {} || (typeof output === 'object' && output !== null && hasForeignPrototype(output)))
    throw new Error('A prototype was changed.');
}

const hasForeignPrototype = (output: object): boolean => {
  const prototype = Object.getPrototypeOf(output) as object | null;
  return prototype !== null && Object.hasOwn(prototype, 'polluted');
};
