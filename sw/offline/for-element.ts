/** What an element of a page is given of a kept answer. */

/**
 * A page remembers what its elements have loaded, by address, and shows it after a reload to the user who is signed in then: it is
 * told not to. A redirected answer keeps its address, which what it names is relative to.
 */
export function forElement(response: Response, { destination }: Request): Response {
  const { type, redirected, status, statusText, body } = response;
  if (destination === '' || redirected || type.startsWith('opaque') || type === 'error') return response;
  const headers = new Headers(response.headers);
  headers.set('cache-control', 'no-store');
  return new Response(body, { status, statusText, headers });
}
