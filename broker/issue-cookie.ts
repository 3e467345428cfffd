/** Gives a browser its cookie together with the app's page, so that the page's first registration of the worker gets its seal. */
import { readCookie, setNewCookie } from './cookie.js';
import { readSecrets, type Secrets } from './secrets.js';

/** Where a browser sends a SameSite=Strict cookie if it has one. From another site it does not: none there means nothing. */
const sitesWithCookie = ['none', 'same-origin', 'same-site'];

/**
 * Makes a function that adds the cookie to the answer for a page. It is a convenience: without it the handler of
 * {@link sealWorkerScript} gives the cookie, and the page registers its worker twice on its first visit.
 *
 * @returns A function that takes a request and its answer, and returns the answer: with a cookie and `Cache-Control: no-store`
 * when the request opens a page in a browser that has no valid one, else unchanged.
 * @throws {@link BrokerError} for a wrong secret, at once.
 */
export function issueSealCookie({
  secrets,
}: {
  secrets: Secrets;
}): (request: Request, response: Response) => Promise<Response> {
  const keys = readSecrets(secrets);
  return async (request, response) => {
    if (!opensPage(request)) return response;
    if ((await readCookie(request.headers.get('cookie'), keys)).state === 'known') return response;
    const answer = new Response(response.body, response);
    answer.headers.append('set-cookie', await setNewCookie(keys[0]));
    // A shared cache would hand the same cookie to every browser.
    answer.headers.set('cache-control', 'no-store');
    return answer;
  };
}

/** Tabs only: the frames of a page come when its cookie is already there. */
function opensPage({ method, headers }: Request): boolean {
  return (
    method === 'GET' &&
    headers.get('sec-fetch-dest') === 'document' &&
    sitesWithCookie.includes(headers.get('sec-fetch-site') ?? '')
  );
}
