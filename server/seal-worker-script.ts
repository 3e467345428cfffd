/** Serves the worker's script with the browser's keys in it, only to the browser's own fetch of its service worker. */
import { SCOPE_HEADER } from '../protocol/sealed-script.js';
import { readCookie, setCookie, setNewCookie } from './cookie.js';
import { checkPath, checkScope } from './path.js';
import { injectKeys } from './inject-keys.js';
import { neverStored, refusal } from './refusal.js';
import { readSecrets, type Secrets } from './keys.js';

/** Reads the worker's script: its text, or a response with it, such as that of a server for static files. */
export type ScriptSource = (request: Request) => string | Response | Promise<string | Response>;

/** Options of {@link sealWorkerScript}. */
export interface SealOptions {
  /** The server's secrets, the current one first. */
  secrets: Secrets;
  /** Path of the worker's script, as the page registers it, such as `/worker.js`. The key depends on it. */
  path: string;
  /**
   * Reads the script without keys, at every fetch of the worker. Its argument is a plain GET request for the script's URL,
   * without the browser's headers.
   */
  script: ScriptSource;
  /**
   * More headers of the sealed script, such as `Service-Worker-Allowed`, `Content-Security-Policy` or
   * `Cross-Origin-Embedder-Policy`. They override those of the response that `script` returns.
   */
  headers?: Readonly<Record<string, string>>;
  /**
   * The only scope that the worker works under, such as `/` or `/app/`. Page script may register the script for any scope that
   * the browser allows, and would have another worker with a database of its own. Default: what the option `headers` says in
   * `Service-Worker-Allowed`, or else the folder of `path`.
   */
  scope?: string;
  /**
   * The only query that the script is answered with, such as `portal=…&client-id=…`. The ready worker needs it: its registration
   * is in its query, which page script may write too. Default: any query, for workers that do not read theirs.
   */
  query?: string | URLSearchParams | Readonly<Record<string, string>>;
}

/** Headers of the script's source that apply to the worker itself. Others are dropped, those for caches in particular. */
const workerHeaders = [
  'content-security-policy',
  'content-security-policy-report-only',
  'cross-origin-embedder-policy',
  'cross-origin-embedder-policy-report-only',
  'origin-trial',
  'referrer-policy',
  'reporting-endpoints',
  'service-worker-allowed',
];

/** Whether a media type is a JavaScript MIME type (MIME Sniffing §4.6), legacy names aside. */
const isJavaScript = (type: string): boolean =>
  /^(?:text|application)\/(?:x-)?(?:java|ecma)script\b/i.test(type);

/**
 * Makes the handler of the worker's script.
 *
 * When the browser fetches its service worker without a valid cookie, the response sets a cookie and contains no script; the
 * next registration gets the script. So a browser only gets a key that its next fetch will give it again. A valid cookie is
 * renewed with every script.
 *
 * @returns A handler that answers requests for the script's path; `undefined` for all others. It rejects with what `script`
 * throws.
 * @throws {@link ServerConfigurationError} `secret-…`, `path-invalid` or `scope-invalid`, immediately.
 * @see Fetch Metadata (`Sec-Fetch-Dest`, `Sec-Fetch-Site`); Service Workers, "Update" (`Service-Worker: script`); RFC 5869
 */
export function sealWorkerScript({
  secrets,
  path,
  script,
  headers = {},
  scope,
  query,
}: SealOptions): (request: Request) => Promise<Response | undefined> {
  const secretKeys = readSecrets(secrets);
  checkPath(path);
  const ownHeaders = new Headers(headers);
  const onlyScope = checkScope(scope ?? ownHeaders.get('service-worker-allowed') ?? './', path);
  const onlyQuery = query === undefined ? undefined : sorted(new URLSearchParams(query));

  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== path) return undefined;
    if (request.method !== 'GET') return refusal('method-not-allowed');
    if (!isWorkerFetch(request.headers))
      return refusal('not-a-worker-fetch', { headers: { [SCOPE_HEADER]: onlyScope } });
    if (onlyQuery !== undefined && sorted(searchParams) !== onlyQuery) return refusal('another-query');
    const cookie = await readCookie(request.headers.get('cookie'), secretKeys);
    if (cookie.state !== 'known')
      return refusal(`cookie-${cookie.state}`, { cookie: await setNewCookie(secretKeys[0]) });
    const source = await readScript(script, request.url);
    if (source instanceof Response) return source;
    const keys = await Promise.all(secretKeys.map((each) => each.deriveWorkerKey(cookie.browserId, path)));
    return new Response(injectKeys(source.text, { keys, scope: onlyScope, query: onlyQuery }), {
      headers: sealedHeaders(source.headers, ownHeaders, await setCookie(cookie.browserId, secretKeys[0])),
    });
  };
}

/** A query in one order: that of attributes and parameters says nothing. */
function sorted(query: URLSearchParams): string {
  const copy = new URLSearchParams(query);
  copy.sort();
  return copy.toString();
}

/**
 * Whether the browser fetches a service worker for a page of this origin. Page script cannot set `Sec-` headers (Fetch,
 * "forbidden request-header"). It can set `Service-Worker`, but not on a request whose destination is `serviceworker`.
 */
function isWorkerFetch(headers: Headers): boolean {
  return (
    headers.get('sec-fetch-dest') === 'serviceworker' &&
    headers.get('sec-fetch-site') === 'same-origin' &&
    headers.get('service-worker') === 'script'
  );
}

async function readScript(
  script: ScriptSource,
  url: string,
): Promise<{ text: string; headers: Headers } | Response> {
  // Without the browser's headers: a range or a condition would make the response partial or empty.
  const source = await script(new Request(url));
  if (typeof source === 'string') return { text: source, headers: new Headers() };
  if (!source.ok) return refusal('script-unavailable', source.status < 400 ? {} : { status: source.status });
  if (!isJavaScript(source.headers.get('content-type') ?? '')) return refusal('script-wrong-type');
  return { text: await source.text(), headers: source.headers };
}

function sealedHeaders(source: Headers, own: Headers, cookie: string): Headers {
  const headers = new Headers();
  for (const name of workerHeaders) {
    const value = source.get(name);
    if (value !== null) headers.set(name, value);
  }
  own.forEach((value, name) => headers.set(name, value));
  for (const [name, value] of Object.entries(neverStored)) headers.set(name, value);
  headers.set('content-type', 'text/javascript; charset=utf-8');
  headers.set('x-content-type-options', 'nosniff');
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.append('set-cookie', cookie);
  return headers;
}
