/** Keeps authorization codes away from pages when the worker is not there to take them. */
import { checkPath } from './path.js';

/** Parameters that only an authorization response has (RFC 6749 §4.1.2); with any of them the whole query goes. */
const responseParameters = ['code', 'state', 'error'];

/**
 * Makes the handler of the callback path, for workers with `redirect: 'worker'`. Such a worker takes the code out of the
 * navigation, which then never reaches the server. One that does, because the worker was removed or passed by, is sent on to
 * the same path without its query: no page sees the code, and the sign-in starts anew.
 *
 * @param options.path - Path of the redirect URI, such as `/signed-in.html`.
 * @returns A handler that answers authorization responses at that path, and `undefined` to all other requests.
 * @throws {@link BrokerError} `path-invalid`, at once.
 */
export function guardCallback({ path }: { path: string }): (request: Request) => Response | undefined {
  checkPath(path);
  return (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== path || !responseParameters.some((name) => searchParams.has(name))) return undefined;
    return new Response(null, {
      status: 303,
      headers: { location: path, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    });
  };
}
