/** What of an unexpected error may be told, so that it can be reported: its kind, and where in our own script it arose. */
import { isRecord } from './record.js';

/** Kind and place of an error: no message, no query, no other script. */
export interface RedactedError {
  /** Name of its class, or what else was thrown. */
  name: string;
  /** Frames of our own script, innermost first: function, file without query, line and column. */
  stack?: string;
}

/** Frames that tell where an error arose; the others tell how the script got there. */
const MAX_FRAMES = 10;

/** V8: `at name (url:1:2)`, `at url:1:2`. Gecko and WebKit: `name@url:1:2`. */
const frame = /^(?: +at (?:async )?)?(?:(.*?)(?: \(|@))?([a-z-]+:\/\/[^\s()]+):(\d+):(\d+)\)?$/;

/**
 * Redacts an error. Its message is left out, since it may quote an answer of a server, and so is what only looks like a frame in it.
 *
 * @param error - Whatever was thrown.
 * @param script - URL of our own script. Default: the script that this function is in.
 */
export function redactError(error: unknown, script = callingScript()): RedactedError {
  if (!isRecord(error)) return { name: typeof error };
  const name = asText(error['name']);
  const frames = framesBelow(asText(error['message']), asText(error['stack']))
    .flatMap((line) => redactFrame(line, script))
    .slice(0, MAX_FRAMES);
  return {
    // A name is free text too.
    name: /^([A-Z][A-Za-z]{1,40})?(Error|Exception)$/.test(name) ? name : 'Error',
    ...(frames.length > 0 ? { stack: frames.join(', ') } : {}),
  };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The lines of a stack without those of the message, which V8 puts in front. */
function framesBelow(message: string, stack: string): string[] {
  if (!/^ +at /m.test(stack)) return stack.split('\n');
  const end = stack.indexOf(message) + message.length;
  // Where the message has been changed since, nothing tells its lines from the frames.
  const isHeader = stack.includes(message) && /^[\w$]*(: )?$/.test(stack.slice(0, end - message.length));
  return isHeader ? stack.slice(end).split('\n').slice(1) : [];
}

/** One frame, or none where it is of another script or of evaluated text. */
function redactFrame(line: string, script: string | undefined): string[] {
  const [, name = '', url = '', row = '', column = ''] = frame.exec(line) ?? [];
  const [plain = ''] = url.split(/[?#]/, 1);
  if (plain === '' || plain !== script) return [];
  const place = `${plain.slice(plain.lastIndexOf('/') + 1)}:${row}:${column}`;
  const [called = ''] = /^[\w$.#<>/*]{1,80}$/.exec(name.replace(/^new | \[as .*\]$/g, '')) ?? [];
  return [called === '' ? place : `${called} (${place})`];
}

/** URL of the script that this function is in, without its query; `undefined` where the engine does not tell. */
function callingScript(): string | undefined {
  const lines = String(new Error('here').stack).split('\n');
  // The innermost frame alone is certainly of this script.
  const [, , url] = frame.exec(lines.find((line) => /^ +at |@/.test(line)) ?? '') ?? [];
  return url?.split(/[?#]/, 1)[0];
}
