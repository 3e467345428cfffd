/** Writes the keys in front of the worker's script. */
import { INJECTED_KEYS_PROPERTY } from '../protocol/sealed-script.js';

/** White space and comments (ECMA-262 §12.2 to §12.4). A dot matches everything but a line terminator. */
const gap = /(?:\s+|\/\/.*|\/\*[^]*?\*\/)*/y;
const string = /(['"])((?:\\[^]|(?!\1)[^\\\n\r])*)\1/y;
/** What can begin a statement and cannot continue the expression of the line before. */
const beginning = /[\w$'"{~@\\\u0080-\uffff]|!(?!=)/y;
const hashbang = /^#!.*(?:\r\n|[^]|$)/;

/**
 * Adds one statement in front of a script, which assigns the keys to a global property.
 *
 * @param script - Text of the worker's script.
 * @param keys - Base64url of each key, the current one first.
 */
export function injectKeys(script: string, keys: readonly string[]): string {
  // Behind another statement a byte order mark is white space, but a hashbang that follows it is a syntax error.
  const text = script.startsWith('\u{FEFF}') ? script.slice(1) : script;
  const first = hashbang.exec(text)?.[0] ?? '';
  const rest = text.slice(first.length);
  // Behind another statement "use strict" has no effect.
  const mode = isStrict(rest) ? '"use strict";' : '';
  return `${first}${mode}self.${INJECTED_KEYS_PROPERTY}=${JSON.stringify(keys)};\n${rest}`;
}

/** Whether the directives at the start of a script contain "use strict" (ECMA-262 §11.2.1). */
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
