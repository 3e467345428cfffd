/** Handlers that refuse: authorization codes do not reach pages, and other scripts do not become service workers of the origin. */
import { cleanPage, readOutcome } from '../protocol/callback-outcome.js';
import { checkPath } from './path.js';
import { refusal } from './refusal.js';

/**
 * Makes the handler of the callback path, for workers with `callback: 'worker'`. Such a worker answers the navigation to the
 * callback page itself. When the worker was removed or bypassed, the navigation reaches the server with the code in its URL.
 * The handler redirects it to the page's URL without code and fragment, which may contain the token of an implicit grant; the
 * user then signs in again. Use the callback page for nothing else: it is shown at no other URL.
 *
 * @param options - `path`: path of the redirect URI, such as `/signed-in.html`.
 * @returns A handler that answers requests for that path; `undefined` for all others and for the URLs that it redirects to.
 * @throws {@link ServerConfigurationError} `path-invalid`, immediately.
 * @see RFC 6749 §4.1.2 (authorization response), §4.2.2 (implicit grant)
 */
export function guardCallback({ path }: { path: string }): (request: Request) => Response | undefined {
  checkPath(path);
  return (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== path || readOutcome(searchParams) !== undefined) return undefined;
    return new Response(null, {
      status: 303,
      headers: {
        location: cleanPage(path, 'none'),
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      },
    });
  };
}

/**
 * Makes a handler that refuses the browser's fetch of every service worker but the app's own. A service worker registered by
 * hostile script would receive the navigations to the callback page, with their codes, before the app's worker or server does.
 * Mount it in front of everything that serves files.
 *
 * @param options - `paths`: paths of the app's own service workers, such as `/worker.js`. Other scripts still load as scripts.
 * @returns A handler that answers those fetches; `undefined` for all other requests.
 * @throws {@link ServerConfigurationError} `path-invalid`, immediately.
 * @see Service Workers, "Update" (`Service-Worker: script`); Fetch Metadata (`Sec-Fetch-Dest`)
 */
export function guardWorkers({
  paths,
}: {
  paths: readonly string[];
}): (request: Request) => Response | undefined {
  for (const path of paths) checkPath(path);
  return ({ headers, url }) => {
    // Browsers send both headers; one is enough, because a proxy may drop the other.
    const isWorkerFetch =
      headers.get('service-worker') === 'script' || headers.get('sec-fetch-dest') === 'serviceworker';
    return isWorkerFetch && !paths.includes(new URL(url).pathname) ? refusal('another-worker') : undefined;
  };
}
