/** The redirect URI at an origin of its own: posts the authorization response on to the app, so that no address there holds a code. */
import { OWN_FRAGMENT } from '../protocol/callback-outcome.js';
import { ServerConfigurationError } from './errors.js';
import { checkPath } from './path.js';
import { parseUrl } from '../protocol/parse-url.js';

/** What is passed on of an authorization response (RFC 6749 §4.1.2, RFC 9207 §2). */
const parameters = ['code', 'state', 'iss', 'error'] as const;

const script = 'document.forms[0].submit()';

/** Options of {@link formPostResponse}. */
export interface FormPostOptions {
  /** Path of the redirect URI at this origin, such as `/`. */
  path: string;
  /** URL of the app's callback page, such as `https://app.example.org/signed-in.html`: the option `callbackPage` of its worker. */
  callbackPage: string | URL;
}

/**
 * Makes the handler of a redirect URI at an origin of its own, such as `https://signin.example.org/`, which serves nothing else.
 *
 * Hostile script of the app can have a redirect to the app's own origin blocked by a policy of its own, and read the blocked
 * address, code and all. It reads nothing of another origin. The page that this handler responds with posts the response to the
 * app's callback page, in whose address there is no code, and whose worker takes it out of the body.
 *
 * @returns A handler that answers requests for that path; `undefined` for all others.
 * @throws {@link ServerConfigurationError} `path-invalid`, `callback-page-invalid`, immediately.
 * @see OAuth 2.0 Form Post Response Mode; RFC 6749 §4.1.2
 */
export function formPostResponse({
  path,
  callbackPage,
}: FormPostOptions): (request: Request) => Promise<Response | undefined> {
  checkPath(path);
  const page = checkCallbackPage(callbackPage);
  const headers = makeHeaders(page.origin);

  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== path) return undefined;
    const fields = parameters.flatMap((name) => {
      const value = searchParams.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    // A sign-out at the portal ends here too.
    if (request.method !== 'GET' || fields.length === 0)
      // A fragment of its own: that of an implicit grant stays here.
      return new Response(null, {
        status: 303,
        headers: { ...(await headers), location: page.href + OWN_FRAGMENT },
      });
    return new Response(formOf(page.href, fields), { headers: await headers });
  };
}

function checkCallbackPage(value: string | URL): URL {
  const page = parseUrl(String(value));
  if (!page || !/^https?:$/.test(page.protocol) || page.search !== '' || page.hash !== '')
    throw new ServerConfigurationError('callback-page-invalid');
  return page;
}

async function makeHeaders(app: string): Promise<Record<string, string>> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(script));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    // The address of this page holds the code.
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    // Frames of the app only: silent sign-ins.
    'content-security-policy': `default-src 'none'; script-src 'sha256-${hash}'; form-action ${app}; frame-ancestors ${app}; base-uri 'none'`,
  };
}

const formOf = (action: string, fields: readonly (readonly [string, string])[]): string =>
  `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>Signing in</title>
<form method="post" action="${escape(action)}">
${fields.map(([name, value]) => `<input type="hidden" name="${name}" value="${escape(value)}">`).join('\n')}
<noscript><button>Continue</button></noscript>
</form>
<script>${script}</script>
</html>
`;

const escape = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
