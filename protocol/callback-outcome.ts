/**
 * The address at which a callback page may be shown when the worker takes the authorization response: it says how the sign-in went,
 * and nothing else. Other addresses of the page lead there, and the fragment of an implicit grant is left behind.
 */

const PARAMETER = 'identity-worker';

/** What only an authorization response has in its query (RFC 6749 §4.1.2). */
const responseParameters = ['code', 'state', 'error'];

/**
 * A fragment of a redirect's own replaces that of the request, which may hold a token of an implicit grant (Fetch standard,
 * HTTP-redirect fetch). In WebKit an empty one does not.
 */
export const OWN_FRAGMENT = '#_';

/**
 * Path or URL of the clean page.
 *
 * @param page - Path or URL without query.
 * @param outcome - `signed-in`, `none`, or the code of an error.
 */
export const cleanPage = (page: string, outcome: string): string =>
  `${page}?${PARAMETER}=${outcome}${OWN_FRAGMENT}`;

/** The outcome in a page's query; `undefined` without one, and beside an authorization response. */
export function readOutcome(query: URLSearchParams): string | undefined {
  return hasAuthorizationResponse(query) ? undefined : (query.get(PARAMETER) ?? undefined);
}

/** Whether a query has anything of an authorization response. */
export const hasAuthorizationResponse = (query: URLSearchParams): boolean =>
  responseParameters.some((name) => query.has(name));
