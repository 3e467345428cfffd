/** Signed answers that are kept: for a second look without the network, for strategies of the app's own, and for areas that users save. */
import { Areas } from '../offline/areas.js';
import { HttpCache, type HttpCacheOptions } from '../offline/http-cache.js';
import { Partitions } from '../offline/partitions.js';
import type { WorkerPart } from '../worker-part.js';

export type { HttpCacheOptions as OfflineOptions } from '../offline/http-cache.js';

/**
 * The part: signed answers are kept for the user who is signed in, as HTTP lets a browser keep them, and deleted when they sign out
 * or another user signs in.
 */
export function offline(options?: HttpCacheOptions): WorkerPart {
  const partitions = new Partitions();
  const cache = new HttpCache(partitions, options);
  const areas = new Areas(partitions);
  return {
    name: 'offline',
    partitions,
    intercept: (request, url, services) => areas.intercept(request, url, services),
    serve: (context, send, services) =>
      areas.serve(context, send, (through) => cache.serve(context, through, services), services),
    restored: (services) => void partitions.restored(services),
    credentialChanged: (portal, _, services) => {
      cache.forgetOthers(portal, services);
      return partitions.credentialChanged(portal, services);
    },
  };
}
