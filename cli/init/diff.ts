/** The changes as `diff -u` shows them. */
import type { Change } from './files.js';

const CONTEXT = 3;

/** What is longer is shown by name: it is code of the package. */
const mostBytes = 5000;

/** Pairs of lines that are compared; beyond, all lines count as changed. */
const mostPairs = 4_000_000;

/** One line of the comparison: in both texts, in the old, or in the new one. */
type Line = readonly [sign: ' ' | '-' | '+', text: string];

/** @param paint - Colours a line by its first character. */
export function showChanges(
  changes: readonly Change[],
  paint: (line: string) => string = (line) => line,
): string {
  return changes.map((change) => showChange(change).map(paint).join('\n')).join('\n\n');
}

function showChange({ path, before, after }: Change): string[] {
  if (after === undefined) return [`- deleted file ${path}`];
  const lines = linesOf(after);
  const isLong = Math.abs(after.length - (before ?? '').length) > mostBytes;
  const size = `${(Buffer.byteLength(after) / 1000).toFixed(1)} kB`;
  if (before === undefined)
    return isLong
      ? [`+ new file ${path} (${size})`]
      : [`+ new file ${path}`, ...lines.map((line) => `+${line}`)];
  if (isLong) return [`+ replaced file ${path} (${size})`];
  return [`--- ${path}`, `+++ ${path}`, ...hunks(compare(linesOf(before), lines))];
}

/** Without the end of each line: that of the terminal follows. */
const linesOf = (text: string): string[] => text.replace(/\r?\n$/, '').split(/\r?\n/);

/** The comparison with the fewest lines changed. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start++;
  let end = 0;
  const shorter = Math.min(before.length, after.length) - start;
  while (end < shorter && before.at(-1 - end) === after.at(-1 - end)) end++;
  const same = (lines: readonly string[]): Line[] => lines.map((line) => [' ', line]);
  return [
    ...same(before.slice(0, start)),
    ...compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

function compareMiddle(before: readonly string[], after: readonly string[]): Line[] {
  if (before.length * after.length > mostPairs)
    return [...before.map((line): Line => ['-', line]), ...after.map((line): Line => ['+', line])];
  // common[i][j]: lines that both have in common from i and j on.
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      common[i]?.set(
        [before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))],
        j,
      );
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      lines.push([' ', old]);
      i++;
      j++;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(['-', old]);
      i++;
    } else {
      lines.push(['+', fresh ?? '']);
      j++;
    }
  }
  return lines;
}

function hunks(lines: readonly Line[]): string[] {
  const isNear = lines.map((_, i) =>
    lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(([sign]) => sign !== ' '),
  );
  const shown: string[] = [];
  let [oldLine, newLine] = [1, 1];
  lines.forEach(([sign, text], i) => {
    if (isNear[i] && !isNear[i - 1]) {
      const past = isNear.indexOf(false, i);
      const hunk = lines.slice(i, past === -1 ? undefined : past);
      const count = (other: string): number => hunk.filter(([each]) => each !== other).length;
      shown.push(`@@ -${oldLine},${count('+')} +${newLine},${count('-')} @@`);
    }
    if (isNear[i]) shown.push(sign + text);
    if (sign !== '+') oldLine++;
    if (sign !== '-') newLine++;
  });
  return shown;
}
