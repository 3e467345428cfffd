/**
 * Public entry for the worker of an app that works without a network. Importing it does nothing.
 *
 * @module identity-worker/sw/offline
 */
import type { RouteHandlerCallback } from 'workbox-core/types.js';
import type { Strategy } from 'workbox-strategies/Strategy.js';
import { AREA_HEADER } from '../protocol/areas.js';
import { fetchSigned, handleFetch } from './fetch-handler.js';
import { servicesOf, type IdentityWorker } from './identity-worker.js';
import { toSigned } from './offline/signed-strategy.js';

export { EditQueue, type EditQueueOptions } from './edit-queue.js';
export { offline, type OfflineOptions } from './parts/offline.js';

/**
 * Makes an app's own workbox strategy one for signed requests, as the handler of a route. Register the route before `listen()`:
 * the first listener answers.
 *
 * The strategy's network is signed as a page's request. Its cache is that of the user who is signed in, under a name of its own,
 * and is deleted when they sign out or another user signs in; plugins of the strategy work on it. Errors, pages, partial and opaque
 * answers are never kept. With nobody signed in the strategy has no cache. A request that no registration matches is answered by
 * the strategy as it is. Saved areas come after the strategy: where it has no answer, and no network.
 *
 * @param identity - A worker with the part {@link offline}.
 * @param strategy - Such as `new CacheFirst({ cacheName: 'tiles' })` of workbox-strategies 7.
 *
 * @example
 * const identity = new IdentityWorker({ portals, parts: [offline()] });
 * const tiles = new CacheFirst({ cacheName: 'tiles', plugins: [new ExpirationPlugin({ maxEntries: 500 })] });
 * registerRoute(({ url }) => url.pathname.includes('/tile/'), signedStrategy(identity, tiles));
 * identity.listen();
 */
export function signedStrategy(identity: IdentityWorker, strategy: Strategy): RouteHandlerCallback {
  const services = servicesOf(identity);
  const signed = toSigned(strategy, services, (request, event, trace) =>
    fetchSigned(request, event, services, trace),
  );
  return (options) => {
    const { request, event } = options;
    // What a page asks of the worker itself, at the address of a layer, is for no strategy.
    const isSaving = request instanceof Request && request.headers.has(AREA_HEADER);
    return (isSaving && handleFetch(event as FetchEvent, services)) || signed(options);
  };
}
