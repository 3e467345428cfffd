/** Keeps authorization codes away from pages, and scripts that are not the app's from becoming service workers of its origin. */
import { cleanPage, readOutcome } from '../protocol/callback-outcome.js';
import { checkPath } from './path.js';
import { refusal } from './refusal.js';

/**
 * Makes the handler of the callback path, for workers with `callback: 'worker'`. Such a worker takes the code out of the
 * navigation, which then never reaches the server. One that does, because the worker was removed or passed by, is sent on to
 * the clean address of the page: nobody sees the code, nor a token that an implicit grant has put into the fragment, and the
 * sign-in starts anew. The page must have no other purpose: nobody is shown it at another address.
 *
 * @param options.path - Path of the redirect URI, such as `/signed-in.html`.
 * @returns A handler that answers requests for that path, and `undefined` to all others and to those for the clean address.
 * @throws {@link BrokerError} `path-invalid`, at once.
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
 * Makes a handler that refuses the browser's fetch of every service worker but the app's own. A worker of hostile script would
 * stand where ours does: it would see the codes that come to the callback page, before the server can keep them from it. Mount
 * it in front of everything that serves files.
 *
 * @param options.paths - Paths of the app's own service workers, such as `/worker.js`; all other scripts still load as scripts.
 * @returns A handler that answers those fetches, and `undefined` to all other requests.
 * @throws {@link BrokerError} `path-invalid`, at once.
 * @see Service Workers, "Update" (`Service-Worker: script`); Fetch Metadata (`Sec-Fetch-Dest`)
 */
export function guardWorkers({
  paths,
}: {
  paths: readonly string[];
}): (request: Request) => Response | undefined {
  for (const path of paths) checkPath(path);
  return ({ headers, url }) => {
    // Either header is enough: browsers send both, and proxies may lose one.
    const isWorkerFetch =
      headers.get('service-worker') === 'script' || headers.get('sec-fetch-dest') === 'serviceworker';
    return isWorkerFetch && !paths.includes(new URL(url).pathname) ? refusal('another-worker') : undefined;
  };
}
