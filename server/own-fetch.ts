/** Tells fetches of the app from all other requests, by what browsers say of themselves. */

/** Those of requests whose response is data for the page: no navigation, no socket. */
const modes = ['cors', 'no-cors', 'same-origin'];

/**
 * Whether script or an element of this origin makes the request. Page script can set none of these headers (Fetch standard,
 * "forbidden request-header"), and another site cannot make a request that has them.
 *
 * @param destinations - Of the requests that are meant; the empty one is that of `fetch`, in pages and workers alike.
 * @see Fetch Metadata (`Sec-Fetch-Site`, `Sec-Fetch-Dest`, `Sec-Fetch-Mode`)
 */
export const isOwnFetch = (headers: Headers, destinations: readonly string[]): boolean =>
  headers.get('sec-fetch-site') === 'same-origin' &&
  destinations.includes(headers.get('sec-fetch-dest') ?? '') &&
  modes.includes(headers.get('sec-fetch-mode') ?? '');
