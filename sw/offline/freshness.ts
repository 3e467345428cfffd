/** How long an answer may be used again, by HTTP's own rules for a cache of one user. Pure. */

/** What a cache may do for a request before the network is asked. */
export type Lookup =
  /** Not for this request: neither is anything looked up nor is its answer kept. */
  | 'none'
  /** The server is asked, and its answer is kept. */
  | 'reload'
  /** The server is asked whether what is kept still stands. */
  | 'validate'
  | 'fresh'
  /** Whatever is kept, however old. */
  | 'any';

const lookupOfMode: Readonly<Record<string, Lookup>> = {
  default: 'fresh',
  'no-store': 'none',
  reload: 'reload',
  'no-cache': 'validate',
  'force-cache': 'any',
  'only-if-cached': 'any',
};

/** Headers with which the page decides for itself, as its own cache does, or asks for a part. */
const ofThePage = [
  'authorization',
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
];

/** Only data and pictures are served: page script can write to Cache Storage, and what it writes must not run as a script. */
export const isForContent = ({ method, destination }: Request): boolean =>
  method === 'GET' && (destination === '' || destination === 'image');

/**
 * What a request lets a cache do.
 *
 * @see Fetch standard, HTTP-network-or-cache fetch
 */
export function lookupFor(request: Request): Lookup {
  const { cache, headers } = request;
  if (!isForContent(request) || ofThePage.some((name) => headers.has(name))) return 'none';
  const lookup = lookupOfMode[cache] ?? 'none';
  const isForced = headers.has('cache-control') || headers.has('pragma');
  return isForced && lookup === 'fresh' ? 'reload' : lookup;
}

/** The directives of Cache-Control, with their arguments. */
function directivesOf(headers: Headers): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  const text = headers.get('cache-control') ?? '';
  for (const [, name = '', quoted, plain = ''] of text.matchAll(
    /([\w-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,]*)))?/g,
  ))
    // Of two the first counts (RFC 9111 §4.2.1).
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), quoted ?? plain);
  return directives;
}

/** Delta-seconds (RFC 9111 §1.2.2) in ms; what is none counts as over. */
const secondsInMs = (text: string | null | undefined): number =>
  /^\d+$/.test(text ?? '') ? Number(text) * 1000 : 0;

/** Whether an answer may be kept at all (RFC 9111 §3): there has to be a use for it, too. */
export function isKeepable(headers: Headers): boolean {
  const directives = directivesOf(headers);
  if (directives.has('no-store')) return false;
  return conditionsFor(headers) !== undefined || mayBeStale(headers) || lifetimeMs(headers, 0) > 0;
}

/**
 * How long an answer is fresh from its receipt, in ms, by its own word: nothing is guessed for one that says nothing. Other origins
 * let Age and Date be read where they expose them.
 *
 * @param receivedAtMs - In ms since the epoch.
 * @see RFC 9111 §4.2
 */
export function lifetimeMs(headers: Headers, receivedAtMs: number): number {
  const directives = directivesOf(headers);
  if (directives.has('no-cache')) return 0;
  const maxAge = directives.get('max-age');
  const ageMs = secondsInMs(headers.get('age'));
  if (maxAge !== undefined) return Math.max(0, secondsInMs(maxAge) - ageMs);
  const expiresAtMs = Date.parse(headers.get('expires') ?? '');
  const sentAtMs = Date.parse(headers.get('date') ?? '');
  const fromMs = Number.isNaN(sentAtMs) ? receivedAtMs : sentAtMs;
  return Number.isNaN(expiresAtMs) ? 0 : Math.max(0, expiresAtMs - fromMs - ageMs);
}

/** Whether an answer is fresh. A clock that was set back ends its freshness instead of prolonging it. */
export function isFresh(headers: Headers, receivedAtMs: number, nowMs: number): boolean {
  const ageMs = nowMs - receivedAtMs;
  return ageMs >= 0 && ageMs < lifetimeMs(headers, receivedAtMs);
}

/** Whether an answer may be used without a network when it is no longer fresh (RFC 9111 §4.2.4). */
export function mayBeStale(headers: Headers): boolean {
  const directives = directivesOf(headers);
  return !['no-cache', 'must-revalidate', 'no-store'].some((name) => directives.has(name));
}

/** The headers that ask whether a kept answer still stands (RFC 9110 §13.1); `undefined` for one without a validator. */
export function conditionsFor(headers: Headers): Record<string, string> | undefined {
  const etag = headers.get('etag');
  const lastModified = headers.get('last-modified');
  if (etag === null && lastModified === null) return undefined;
  return {
    ...(etag === null ? {} : { 'if-none-match': etag }),
    ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
  };
}

/** The headers of a kept answer that the server has confirmed with status 304 (RFC 9111 §3.2). */
export function confirmed(kept: Headers, answer: Headers): Headers {
  const headers = new Headers(kept);
  for (const [name, value] of answer) if (!name.startsWith('content-')) headers.set(name, value);
  return headers;
}
