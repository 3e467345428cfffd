/** What is compared: what the page learnt, its performance entries, and what the portal saw. Plain JSON. */
import type { LogEntry, Portal } from '../../demo/portal/index.js';

/** What the portal saw of one request. The token itself is left out: it is there on both sides, each in its own way. */
export function seenByPortal(entry: LogEntry): Record<string, unknown> {
  const { server, method, path, tokenPlacement, user, status, bodyLength, bodySha256 } = entry;
  // The language is what the test's browser pretends to pages alone.
  const { authorization: _, 'accept-language': __, ...headers } = entry.requestHeaders;
  const isPreflight = method === 'OPTIONS';
  return {
    server,
    method,
    path,
    query: entry.query.replace(/(^|&)token=[^&]*/, '').replace(/^&/, ''),
    // Preflights have no user.
    ...(isPreflight ? {} : { user: user ?? null }),
    status,
    headers: { ...headers, ...withoutBoundary(headers['content-type']) },
    bodyLength,
    // A form with a token in it: what else it holds is told by the echo.
    body: tokenPlacement === 'form' ? 'form' : (bodySha256 ?? null),
  };
}

/** The boundary of a multipart body is another one each time. */
const withoutBoundary = (type: string | undefined): Record<string, string> =>
  type === undefined ? {} : { 'content-type': type.replace(/boundary=.*/, 'boundary') };

/** What the portal saw, in an order that does not hang on which of two requests was quicker. */
export function sortedLog(portal: Portal): Record<string, unknown>[] {
  const key = ({ server, path, query, id }: LogEntry): string =>
    [server, path, query.replace(/token=[^&]*/, ''), String(id).padStart(8, '0')].join(' ');
  return (
    portal.log.entries
      // The browser's own, for a page of the portal, whenever it finds the time.
      .filter(({ path }) => path !== '/favicon.ico')
      .sort((a, b) => (key(a) < key(b) ? -1 : 1))
      .map(seenByPortal)
  );
}

/** Of a performance entry: sizes and names as they are; of times only whether they are told. */
export function timing(entry: Record<string, unknown>): Record<string, unknown> {
  const times = /^(start|response|request|redirect|connect|domain|fetch|secure|worker|first|final|duration)/;
  return Object.fromEntries(
    Object.entries({ ...entry, navigationId: undefined }).map(([name, value]) => [
      name,
      typeof value === 'number' && times.test(name) && name !== 'responseStatus' ? value > 0 : value,
    ]),
  );
}

/** Takes out of every text what only the token in the page's own URL put there. */
export function withoutToken<T>(value: T, token: string): T {
  const text = JSON.stringify(value) ?? 'null';
  const inQuery = `token=${encodeURIComponent(token)}`;
  return JSON.parse(
    text.replaceAll(`?${inQuery}&`, '?').replaceAll(`?${inQuery}`, '').replaceAll(`&${inQuery}`, ''),
  ) as T;
}

/** The fields of an observation by path. Lists of other length are compared as a whole. */
export function differences(one: unknown, other: unknown, path = ''): string[] {
  if (isContainer(one) && isContainer(other) && Array.isArray(one) === Array.isArray(other)) {
    const isList = Array.isArray(one) && Array.isArray(other);
    if (isList && one.length !== other.length) return [`${path}.length`];
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].flatMap((name) =>
      differences(one[name], other[name], path === '' ? name : `${path}.${name}`),
    );
  }
  return Object.is(one, other) ? [] : [path];
}

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** The value at a path, to show what differs. */
export function valueAt(value: unknown, path: string): unknown {
  return path
    .replace(/\.length$/, '')
    .split('.')
    .reduce<unknown>((inner, name) => (isContainer(inner) ? inner[name] : undefined), value);
}

/** Whether a path is meant by a pattern, in which `*` stands for any one part. */
export function matches(pattern: string, path: string): boolean {
  const parts = path.split('.');
  const wanted = pattern.split('.');
  return parts.length === wanted.length && wanted.every((part, n) => part === '*' || part === parts[n]);
}

/** What there is to see of a row on one side. */
export interface Observation {
  readonly page: unknown;
  readonly performance: readonly Record<string, unknown>[];
  readonly portal: readonly Record<string, unknown>[];
}
