/** Keeps authorization codes away from pages when the worker is not there to take them. */
import { cleanPage, readOutcome } from '../protocol/callback-outcome.js';
import { checkPath } from './path.js';

/**
 * Makes the handler of the callback path, for workers with `callback: 'worker'`. Such a worker takes the code out of the
 * navigation, which then never reaches the server. One that does, because the worker was removed or passed by, is sent on to
 * the clean address of the page: nobody sees the code, nor a token that an implicit grant has put into the fragment, and the
 * sign-in starts anew. The page must have no other purpose: nobody is shown it at another address.
 *
 * @param options.path - Path of the redirect URI, such as `/signed-in.html`.
 * @returns A handler that answers requests for that path, and `undefined` to all others and to those for the clean address.
 * @throws {@link BrokerError} `path-invalid`, at once.
 */
export function guardCallback({ path }: { path: string }): (request: Request) => Response | undefined {
  checkPath(path);
  return (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== path || readOutcome(searchParams) !== undefined) return undefined;
    return new Response(null, {
      status: 303,
      headers: {
        location: cleanPage(path, 'none'),
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      },
    });
  };
}
