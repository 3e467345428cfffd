/** Finds out why a layer or picture failed: map libraries and images report only that it did. */

/** `readable`: the user may read it, so something else failed. */
export type Access = 'readable' | 'sign-in-needed' | 'not-allowed' | 'unreachable';

/**
 * Requests the description of a service, a layer or an item.
 *
 * @param url - Without a query.
 * @see ArcGIS REST API: Handling errors
 */
export async function askAccess(url: string): Promise<Access> {
  try {
    const response = await fetch(`${url}?f=json`);
    const { code = response.status, messageCode } = errorOf(await response.json());
    switch (code) {
      case 200:
        return 'readable';
      case 401:
      case 498:
      case 499:
        return 'sign-in-needed';
      case 403:
        return 'not-allowed';
      default:
        // A portal responds alike for a missing item and for one that the user may not read.
        return messageCode === 'CONT_0001' ? 'not-allowed' : 'unreachable';
    }
  } catch {
    return 'unreachable';
  }
}

/** The error in a response, if it has one: errors come with status 200 too. */
function errorOf(answer: unknown): { code?: unknown; messageCode?: unknown } {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return {};
  return typeof answer.error === 'object' && answer.error !== null ? answer.error : { code: 'unnamed' };
}
