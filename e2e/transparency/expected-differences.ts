/** Sets of fields that differ together, by path, and why: they are spread into the rows that show them. */

/** Every request that the worker sends in place of the page's. */
export const resent = {
  'portal.*.headers.sec-ch-ua': 'metadata',
  'portal.*.headers.sec-ch-ua-mobile': 'metadata',
  'portal.*.headers.sec-ch-ua-platform': 'metadata',
} as const;
export const noDestination = { 'portal.*.headers.sec-fetch-dest': 'metadata' } as const;
export const viaWorker = { 'performance.*.workerStart': 'timing' } as const;

/** An answer that is the network's own: the page reads all of it, or nothing of it that shows an address. */
export const networkAnswer = { ...resent, ...viaWorker } as const;

/** An answer that is rebuilt, because the network's own would show an address with a token in it. */
const rebuiltEntry = {
  ...viaWorker,
  'performance.*.deliveryType': 'timing',
  'performance.*.domainLookupStart': 'timing',
  'performance.*.domainLookupEnd': 'timing',
  'performance.*.connectStart': 'timing',
  'performance.*.connectEnd': 'timing',
  'performance.*.requestStart': 'timing',
  'performance.*.responseStart': 'timing',
  'performance.*.firstInterimResponseStart': 'timing',
} as const;
export const rebuiltEmpty = { ...resent, ...rebuiltEntry } as const;
const sizes = {
  'performance.*.encodedBodySize': 'timing',
  'performance.*.decodedBodySize': 'timing',
} as const;
/** A request without CORS that is sent as one whose answer can be read, and its answer. */
export const readMode = { 'portal.*.headers.sec-fetch-mode': 'readWithCors' } as const;
export const readRequest = {
  ...readMode,
  'portal.*.headers.sec-fetch-storage-access': 'readWithCors',
} as const;
export const readOrigin = { 'portal.*.headers.origin': 'readWithCors' } as const;
export const readWithCors = { ...readRequest, ...readOrigin } as const;
export const readEntry = {
  'performance.*.contentType': 'readWithCors',
  'performance.*.responseStatus': 'readWithCors',
} as const;
export const basicType = { 'page.type': 'type' } as const;
export const basicTypes = { 'page.*.type': 'type' } as const;
export const rebuilt = { ...rebuiltEmpty, ...sizes } as const;

/** What an element without CORS loads. */
export const readElement = { ...rebuilt, ...noDestination, ...readWithCors, ...readEntry } as const;

/** A request that ends as a redirect, which the worker then sends again. */
export const resentRedirect = { ...viaWorker, 'portal.length': 'redirect' } as const;

/** The same for an element, whose answer is rebuilt as well. */
export const elementRedirect = { ...resentRedirect, ...rebuiltEntry, ...sizes } as const;
