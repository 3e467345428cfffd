/** Puts the seals in front of the worker's script. */
import { INJECTED_KEYS_PROPERTY } from '../protocol/sealed-script.js';

/** White space and comments (ECMA-262 §12.2-12.4); a dot is anything but the end of a line. */
const gap = /(?:\s+|\/\/.*|\/\*[^]*?\*\/)*/y;
const string = /(['"])((?:\\[^]|(?!\1)[^\\\n\r])*)\1/y;
/** What can begin a statement, and not go on with the expression of the line before. */
const beginning = /[\w$'"{~@\\\u0080-\uffff]|!(?!=)/y;
const hashbang = /^#!.*(?:\r\n|[^]|$)/;

/**
 * The script with the seals in a global property, in one statement in front of it.
 *
 * @param script - Text of the worker's script.
 * @param seals - Current seal first; base64url.
 */
export function withSeals(script: string, seals: readonly string[]): string {
  // No longer first, a byte order mark would be white space, but a hashbang behind it an error.
  const text = script.startsWith('\u{FEFF}') ? script.slice(1) : script;
  const first = hashbang.exec(text)?.[0] ?? '';
  const rest = text.slice(first.length);
  // Behind another statement "use strict" is a string without effect.
  const mode = isStrict(rest) ? '"use strict";' : '';
  return `${first}${mode}self.${INJECTED_KEYS_PROPERTY}=${JSON.stringify(seals)};\n${rest}`;
}

/** Whether "use strict" is among the strings that a script begins with (ECMA-262 §11.2.1, Directive Prologues). */
function isStrict(script: string): boolean {
  const matchAt = (pattern: RegExp, position: number): RegExpExecArray | null => {
    pattern.lastIndex = position;
    return pattern.exec(script);
  };
  const skipGap = (position: number): number => position + (matchAt(gap, position)?.[0].length ?? 0);

  let position = skipGap(0);
  for (let match = matchAt(string, position); match; match = matchAt(string, position)) {
    const end = position + match[0].length;
    const next = skipGap(end);
    const isEnded = script[next] === ';' || next === script.length;
    const isNewLine = /[\n\r\u2028\u2029]/.test(script.slice(end, next));
    if (!isEnded && !(isNewLine && matchAt(beginning, next))) return false;
    if (match[2] === 'use strict') return true;
    position = skipGap(script[next] === ';' ? next + 1 : next);
  }
  return false;
}
