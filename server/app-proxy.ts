/** Passes requests of the app's pages on to a server of the portal, signed with the app's own token, which never leaves this server. */
import { isUnsignable } from '../protocol/unsignable-path.js';
import { AppCredentials, isSecure, type AccountReport, type AppAccount } from './app-account.js';
import { troubleResponse, type RateOptions } from './app-tokens.js';
import { TokenTrouble, type CachedToken, type HeldToken } from './cached-token.js';
import { ServerConfigurationError } from './errors.js';
import { isOwnFetch } from './own-fetch.js';
import { checkPath } from './path.js';
import { isBelow, pathOf, segmentsOf } from './proxy-path.js';
import { RateLimit } from './rate-limit.js';
import { refusal } from './refusal.js';
import { readRefusal } from './token-refusal.js';

/** What is passed on. */
export interface ProxyAllowance {
  /** Path below `to`, by whole segments and in the very case, such as `Roads/MapServer`; `''` is everything. */
  path: string;
  /** Default `GET` and `HEAD`. */
  methods?: readonly string[];
}

/** Options of {@link appProxy}. */
export interface AppProxyOptions extends RateOptions {
  /** Path of the app below which it answers, such as `/gis/`. */
  path: string;
  /** What the rest of the path is appended to, such as `https://gis.example.org/server/rest/services/`. */
  to: string;
  /** The app's account, whose token signs the requests. */
  account: AppAccount;
  /** Root of the federated ArcGIS Server that `to` belongs to: it takes a token of its own. Default: the portal's token. */
  server?: string;
  /** All other methods and paths are refused. */
  allow: readonly ProxyAllowance[];
  /** Requests of one browser in a minute. Default: no limit. */
  perMinute?: number;
  /** Told when the portal gives the app no token, at most once a second. Default: a line on the console. */
  report?: (report: AccountReport) => void;
}

/** Longest wait for the head of a response, in ms. */
const TIMEOUT_MS = 60_000;

/** A longer body is sent once only, as it comes: it cannot be sent again with another token. In bytes. */
const MAX_KEPT_BYTES = 64 * 1024;

/** What loads data. Scripts, styles and documents do not: those of another server would run as the app's own. */
const destinations = ['empty', 'image', 'audio', 'video', 'track', 'font'];

/** No cookie, no credential, no address of a page, nothing of one connection (RFC 9110 §7.6.1). */
const requestHeaders = [
  'accept',
  'accept-language',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
];

const responseHeaders = [
  'accept-ranges',
  'age',
  'content-disposition',
  'content-language',
  'content-range',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'retry-after',
];

/** Statuses whose responses have no body (Fetch standard, null body status). */
const withoutBody = new Set([204, 205, 304]);

/**
 * Makes the handler of a proxy, for apps that want no token in browsers at all. It answers requests of script and media elements of the
 * same origin, to listed methods and paths. A token that the server refuses is renewed once. Redirects are not followed.
 *
 * Everybody who can open the app can read what is allowed, with the app's rights.
 *
 * @returns A handler that answers requests below that path; `undefined` for all others.
 * @throws {@link ServerConfigurationError} `path-invalid`, `account-invalid`, `proxy-invalid`, `limit-invalid`, immediately.
 * @see RFC 6749 §4.4; RFC 9110 §7.6; Fetch Metadata
 */
export function appProxy(options: AppProxyOptions): (request: Request) => Promise<Response | undefined> {
  const { path, account, server, perMinute, clientOf, report } = options;
  checkPath(path);
  const credentials = new AppCredentials(account, report);
  const { to, rules } = readOptions(options);
  const tokens = server === undefined ? credentials.token : credentials.ofServer(server);
  const limit = perMinute === undefined ? undefined : new RateLimit(perMinute);
  const { isArcGIS } = credentials;

  return async (request) => {
    const { method, headers, url } = request;
    const { pathname, search, searchParams } = new URL(url);
    if (!pathname.startsWith(path)) return undefined;
    if (!isOwnFetch(headers, destinations)) return refusal('not-a-fetch-of-the-app');
    const segments = segmentsOf(pathname.slice(path.length));
    if (!segments || [...searchParams.keys()].some((name) => /^\s*(?:access_)?token\s*$/i.test(name)))
      return refusal('request-invalid');
    const target = to + pathOf(segments) + search;
    const methods = rules.flatMap((rule) => (isBelow(segments, rule.prefix) ? rule.methods : []));
    if (methods.length === 0) return refusal('path-not-allowed');
    // It would issue a token to the page.
    if (isArcGIS && isUnsignable(new URL(target).pathname)) return refusal('path-not-allowed');
    if (!methods.includes(method))
      return refusal('method-not-allowed', { allow: [...new Set(methods)].join(', ') });
    const waitS = limit?.waitS(clientOf?.(request) ?? '') ?? 0;
    if (waitS > 0) return refusal('too-many-requests', { headers: { 'retry-after': String(waitS) } });
    try {
      const upstream = await sendSigned(request, target, tokens, isArcGIS);
      return upstream ? passOn(upstream) : refusal('portal-redirected');
    } catch (error) {
      return troubleResponse(error);
    }
  };
}

function readOptions({ path, to, server, allow }: AppProxyOptions): {
  to: string;
  rules: { prefix: readonly string[]; methods: readonly string[] }[];
} {
  const invalid = (): ServerConfigurationError => new ServerConfigurationError('proxy-invalid');
  const isPrefix = (url: string): boolean => isSecure(url) && !/[?#@]/.test(url);
  if (!path.endsWith('/') || !to.endsWith('/') || ![to, server ?? to].every(isPrefix)) throw invalid();
  const rules = allow.map(({ path: below, methods = ['GET', 'HEAD'] }) => {
    const prefix = below === '' ? [] : segmentsOf(below.replace(/\/$/, ''));
    const names = methods.map((name) => name.toUpperCase());
    if (!prefix || !names.every((name) => /^[A-Z]+$/.test(name) && !/^(?:TRACE|TRACK|CONNECT)$/.test(name)))
      throw invalid();
    return { prefix, methods: names };
  });
  return { to: new URL(to).href, rules };
}

/** @returns `undefined` for a redirect. */
async function sendSigned(
  request: Request,
  url: string,
  tokens: CachedToken,
  isArcGIS: boolean,
): Promise<Response | undefined> {
  const body = await keptBody(request);
  const send = async (held: HeldToken): ReturnType<typeof readRefusal> =>
    readRefusal(await fetchUpstream(request, url, held.token, body, isArcGIS), isArcGIS);
  const first = await tokens.get();
  const answer = await send(first);
  if (!answer.isRefused || body instanceof ReadableStream) return unlessRedirect(answer.response);
  const next = await tokens.get(first.digest);
  if (next.token === first.token) return unlessRedirect(answer.response);
  void answer.response.body?.cancel().catch(() => undefined);
  return unlessRedirect((await send(next)).response);
}

/** The body of a request: short ones in memory, to be sent again; `undefined` where there is none. */
async function keptBody({
  method,
  headers,
  body,
}: Request): Promise<ArrayBuffer | ReadableStream<Uint8Array> | undefined> {
  if (!body || method === 'GET' || method === 'HEAD') return undefined;
  const length = Number(headers.get('content-length') ?? Infinity);
  return length > MAX_KEPT_BYTES ? body : new Response(body).arrayBuffer();
}

async function fetchUpstream(
  { method, headers, signal }: Request,
  url: string,
  token: string,
  body: ArrayBuffer | ReadableStream<Uint8Array> | undefined,
  isArcGIS: boolean,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), TIMEOUT_MS);
  try {
    const init = {
      method,
      headers: {
        ...pick(headers, requestHeaders),
        // The header that also works where a web tier takes Authorization for itself.
        [isArcGIS ? 'x-esri-authorization' : 'authorization']: `Bearer ${token}`,
      },
      ...(body === undefined ? {} : { body, duplex: 'half' }),
      redirect: 'manual' as const,
      signal: AbortSignal.any([signal, late.signal]),
    };
    return await fetch(url, init);
  } catch {
    // The reason of a failed fetch may hold what was sent.
    throw new TokenTrouble('portal-unavailable');
  } finally {
    clearTimeout(timer);
  }
}

function unlessRedirect(response: Response): Response | undefined {
  const { status, body } = response;
  if (status !== 0 && (status < 300 || status >= 400 || status === 304)) return response;
  void body?.cancel().catch(() => undefined);
  return undefined;
}

const pick = (headers: Headers, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );

/** The response as the page gets it: its data, and nothing that would act on the app's origin. */
function passOn({ status, headers, body }: Response): Response {
  const passed = new Headers(pick(headers, responseHeaders));
  // What is compressed has been read as plain data.
  const length = headers.get('content-length');
  if (length !== null && !headers.has('content-encoding')) passed.set('content-length', length);
  passed.set('cache-control', privately(headers.get('cache-control') ?? ''));
  passed.set('vary', 'Accept, Accept-Language');
  // Opened in a tab or a frame it runs nothing.
  passed.set('content-security-policy', "default-src 'none'; sandbox");
  passed.set('x-content-type-options', 'nosniff');
  passed.set('cross-origin-resource-policy', 'same-origin');
  return new Response(withoutBody.has(status) ? null : body, { status, headers: passed });
}

/** A shared cache would give what the app may read to requests that this handler refuses (RFC 9111 §5.2.2.7). */
const privately = (cacheControl: string): string =>
  [
    'private',
    ...cacheControl
      .split(',')
      .map((directive) => directive.trim())
      .filter((directive) =>
        /^(?:max-age=\d+|no-cache|no-store|must-revalidate|immutable)$/i.test(directive),
      ),
  ].join(', ');
