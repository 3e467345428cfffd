/** All that a site with a sealed worker has in front of its files. */
import { issueSealCookie } from './cookie.js';
import { guardCallback, guardWorkers } from './guards.js';
import { sealWorkerScript, type SealOptions } from './seal-worker-script.js';

/** Options of {@link sealSite}: those of the sealed script, and what of the site is guarded. */
export interface SealSiteOptions extends SealOptions {
  /** Path of the callback page, as in `guardCallback`, for workers with `callback: 'worker'`. Default: none is guarded. */
  callbackPage?: string;
  /** Paths of other service workers of the app, as in `guardWorkers`. All others are refused. */
  otherWorkers?: readonly string[];
}

/** What {@link sealSite} makes. */
export interface SealedSite {
  /** The handler to mount in front of everything that serves files or pages; `undefined` for requests that it does not answer. */
  answer: (request: Request) => Promise<Response | undefined>;
  /** Adds the browser's cookie to the response of a page, as `issueSealCookie` does. Other responses stay as they are. */
  addCookie: (request: Request, response: Response) => Promise<Response>;
}

/**
 * Seals a site: `sealWorkerScript`, `guardWorkers`, `guardCallback` and `issueSealCookie` in the order that they need.
 *
 * @throws {@link ServerConfigurationError} `secret-…`, `path-invalid` or `scope-invalid`, immediately.
 */
export function sealSite({ callbackPage, otherWorkers = [], ...options }: SealSiteOptions): SealedSite {
  const refuseOthers = guardWorkers({ paths: [options.path, ...otherWorkers] });
  const seal = sealWorkerScript(options);
  const guard = callbackPage === undefined ? () => undefined : guardCallback({ path: callbackPage });
  return {
    answer: async (request) => refuseOthers(request) ?? (await seal(request)) ?? guard(request),
    addCookie: issueSealCookie(options),
  };
}
