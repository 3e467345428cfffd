/** What of an unexpected error may be told, so that it can be reported: its kind, and where in our own script it arose. */
import { isRecord } from './record.js';

/** Kind and place of an error: no message, no query, no name of a function, no other script. */
export interface RedactedError {
  /** Name of its class, or what else was thrown. */
  name: string;
  /** Frames of our own script, innermost first: file, line and column. */
  stack?: string;
}

/** Frames that tell where an error arose; the others tell how the script got there. */
const MAX_FRAMES = 10;

/** What stands behind the script's URL in a frame: perhaps a query, then line and column at the end of the text. */
const place = /^(?:[?#]\S*)?(:\d{1,7}:\d{1,7})\)?$/;

/**
 * Redacts an error. Its message is left out, since it may quote an answer of a server. V8 repeats it in the stack: of a line there
 * that looks like a frame nothing passes but two short numbers.
 *
 * @param error - Whatever was thrown.
 * @param script - URL of our own script, without query. Default: the script that this function is in.
 */
export function redactError(error: unknown, script = ownScript()): RedactedError {
  if (!isRecord(error)) return { name: typeof error };
  const { name, stack } = error;
  const file = script.slice(script.lastIndexOf('/') + 1);
  const frames = asText(stack)
    .split('\n')
    .flatMap((line) => {
      const numbers = place.exec(line.split(script)[1] ?? '')?.[1];
      return numbers === undefined ? [] : [file + numbers];
    })
    .slice(0, MAX_FRAMES);
  return {
    // A name is free text too.
    name: /^([A-Z][A-Za-z]{1,40})?(Error|Exception)$/.test(asText(name)) ? asText(name) : 'Error',
    ...(frames.length > 0 ? { stack: frames.join(', ') } : {}),
  };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * URL of the script that this function is in, which the innermost frame names: `at name (url:1:2)` or `at url:1:2` in V8,
 * `name@url:1:2` in Gecko and WebKit. A blank, which no URL has, where the engine does not tell.
 */
const ownScript = (): string =>
  /[ (@]([a-z-]+:\/\/[^\s()?#]+?)(?:[?#]\S*)?:\d+:\d+\)?$/m.exec(asText(new Error().stack))?.[1] ?? ' ';
