/** Finds out why something of an ArcGIS server does not show: map libraries and images only say that it does not. */

/** `readable`: it may be read, so the fault lies elsewhere. */
export type Access = 'readable' | 'sign-in-needed' | 'not-allowed' | 'unreachable';

/**
 * Asks for the description of a service, a layer or an item.
 *
 * @param url - Without a query.
 * @see ArcGIS REST API: Handling errors
 */
export async function askAccess(url: string): Promise<Access> {
  try {
    const response = await fetch(`${url}?f=json`);
    switch (errorCodeOf(await response.json()) ?? response.status) {
      case 200:
        return 'readable';
      case 401:
      case 498:
      case 499:
        return 'sign-in-needed';
      case 403:
        return 'not-allowed';
      default:
        return 'unreachable';
    }
  } catch {
    return 'unreachable';
  }
}

/** The code of an error that came with status 200. */
function errorCodeOf(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : 'unnamed';
}
