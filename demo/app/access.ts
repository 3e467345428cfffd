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
        // A portal does not tell a missing item from one that is not for everybody.
        return messageCode === 'CONT_0001' ? 'not-allowed' : 'unreachable';
    }
  } catch {
    return 'unreachable';
  }
}

/** What an answer says of an error; errors come with status 200 too. */
function errorOf(answer: unknown): { code?: unknown; messageCode?: unknown } {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return {};
  return typeof answer.error === 'object' && answer.error !== null ? answer.error : { code: 'unnamed' };
}
