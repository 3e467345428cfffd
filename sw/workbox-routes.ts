/** The request path as workbox routes, for an app that has a workbox Router. */
import { Route } from 'workbox-routing/Route.js';
import type { IdentityWorker } from './identity-worker.js';

/** The methods that workbox has routes for; requests with others are signed by `listen()` and `handle()` only. */
const ROUTE_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * What `handle()` does as workbox routes, one a method. Other methods than theirs need `handle()`; the messages of pages need
 * `listenToPages()`.
 */
export const workboxRoutes = (identity: Pick<IdentityWorker, 'handle'>): readonly Route[] =>
  ROUTE_METHODS.map(
    (method) =>
      new Route(
        // In an object: workbox takes a promise for a mistake.
        ({ event }) => {
          const response = identity.handle(event as FetchEvent);
          return response && { response };
        },
        ({ params }) => (params as unknown as { response: Promise<Response> }).response,
        method,
      ),
  );
