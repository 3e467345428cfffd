/** Keeps scripts that are not the app's from becoming service workers of its origin. */
import { checkPath } from './path.js';
import { refusal } from './refusal.js';

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
