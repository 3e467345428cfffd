/** Writes the keys in front of the worker's script, and the check of the scope that they are for. */
import { INJECTED_KEYS_PROPERTY, INJECTED_QUERY_PROPERTY } from '../protocol/sealed-script.js';

/** White space and comments (ECMA-262 §12.2 to §12.4). A dot matches everything but a line terminator. */
const gap = /(?:\s+|\/\/.*|\/\*[^]*?\*\/)*/y;
const string = /(['"])((?:\\[^]|(?!\1)[^\\\n\r])*)\1/y;
/** What can begin a statement and cannot continue the expression of the line before. */
const beginning = /[\w$'"{~@\\\u0080-\uffff]|!(?!=)/y;
const hashbang = /^#!.*(?:\r\n|[^]|$)/;

/** What stands in front of a sealed script. */
export interface Injection {
  /** Base64url of each key, the current one first. */
  readonly keys: readonly string[];
  /** The only scope that the script works under, from the root of the origin. */
  readonly scope: string;
  /** The only query that the script is answered with. */
  readonly query?: string | undefined;
}

/**
 * Adds two lines in front of a script: the keys, as a global property, and the check, which throws under another scope.
 *
 * @param script - Text of the worker's script.
 */
export function injectKeys(script: string, { keys, scope, query }: Injection): string {
  // Behind another statement a byte order mark is white space, but a hashbang that follows it is a syntax error.
  const text = script.startsWith('\u{FEFF}') ? script.slice(1) : script;
  const first = hashbang.exec(text)?.[0] ?? '';
  const rest = text.slice(first.length);
  // Behind another statement "use strict" has no effect.
  const mode = isStrict(rest) ? '"use strict";' : '';
  const assign = (name: string, value: unknown): string => `self.${name}=${JSON.stringify(value)};`;
  const registration = query === undefined ? '' : assign(INJECTED_QUERY_PROPERTY, query);
  return `${first}${mode}${assign(INJECTED_KEYS_PROPERTY, keys)}\n${registration}${scopeCheck(scope)}\n${rest}`;
}

/**
 * Throws while the script starts, so that the browser does not keep the registration, and nothing of the app's worker can catch
 * it. A registration that an older script has made is removed.
 */
function scopeCheck(scope: string): string {
  const message = `worker-scope-mismatch (scope: ${scope}): this worker works under no other scope. Name another one in the option "scope" of sealWorkerScript.`;
  return (
    `if(self.registration&&self.registration.scope!==new URL(${JSON.stringify(scope)},self.location.origin).href){` +
    `self.registration.unregister();throw Object.assign(new Error(${JSON.stringify(message)}),{name:"ConfigurationError",code:"worker-scope-mismatch"})}`
  );
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
