/** Answers the worker's script with the browser's seals in it, to the browser's own fetch of its service worker and to nothing else. */
import { readCookie, setCookie, setNewCookie } from './cookie.js';
import { checkPath } from './path.js';
import { withSeals } from './inject-keys.js';
import { neverStored, refusal } from './refusal.js';
import { readSecrets, type Secrets } from './keys.js';

/** Where the text of the worker's script comes from. */
export type ScriptSource = (request: Request) => string | Response | Promise<string | Response>;

/** Options of {@link sealWorkerScript}. */
export interface SealOptions {
  /** The server's secrets, the current one first. */
  secrets: Secrets;
  /** Path of the worker's script, as the page registers it, such as `/worker.js`. The seal is bound to it. */
  path: string;
  /**
   * The unsealed script: its text, or an answer with it, such as that of a server for static files. It is given a plain
   * GET request for the script's URL, and asked at every fetch of the worker.
   */
  script: ScriptSource;
  /**
   * More headers of the sealed script, such as `Service-Worker-Allowed`, `Content-Security-Policy` or the page's
   * `Cross-Origin-Embedder-Policy`. They come after those of the answer that `script` gives.
   */
  headers?: Readonly<Record<string, string>>;
}

/** Headers of the unsealed script that concern the worker that runs it. All others, above all those for caches, stay behind. */
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

/** What a browser accepts for a script (HTML, "JavaScript MIME type", as far as anybody sends it). */
const isJavaScript = (type: string): boolean =>
  /^(?:text|application)\/(?:x-)?(?:java|ecma)script\b/i.test(type);

/**
 * Makes the handler of the worker's script.
 *
 * A genuine fetch without a valid cookie is answered with a cookie and no script; the next registration then gets the seal.
 * So no browser has a seal that its next fetch would not repeat. A valid cookie is renewed with every script.
 *
 * @returns A handler that answers requests for the script's path, and `undefined` to all others.
 * @throws {@link BrokerError} for a wrong option, at once; the handler rejects with what `script` throws.
 * @see Fetch Metadata (`Sec-Fetch-Dest`, `Sec-Fetch-Site`); Service Workers, "Update" (`Service-Worker: script`); RFC 5869
 */
export function sealWorkerScript({
  secrets,
  path,
  script,
  headers = {},
}: SealOptions): (request: Request) => Promise<Response | undefined> {
  const keys = readSecrets(secrets);
  checkPath(path);
  const ownHeaders = new Headers(headers);

  return async (request) => {
    if (new URL(request.url).pathname !== path) return undefined;
    if (request.method !== 'GET') return refusal('method-not-allowed');
    if (!isWorkerFetch(request.headers)) return refusal('not-a-worker-fetch');
    const cookie = await readCookie(request.headers.get('cookie'), keys);
    if (cookie.state !== 'known')
      return refusal(`cookie-${cookie.state}`, { cookie: await setNewCookie(keys[0]) });
    const source = await readScript(script, request.url);
    if (source instanceof Response) return source;
    const seals = await Promise.all(keys.map((each) => each.seal(cookie.browserId, path)));
    return new Response(withSeals(source.text, seals), {
      headers: sealedHeaders(source.headers, ownHeaders, await setCookie(cookie.browserId, keys[0])),
    });
  };
}

/**
 * Whether the browser fetches a service worker for a page of its own origin. Page script can forge none of the `Sec-` headers;
 * it can forge `Service-Worker`, but the destination of what it fetches is never `serviceworker` together with it.
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
  // Without the browser's headers: no cookie, and nothing that would make the answer partial or empty.
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
