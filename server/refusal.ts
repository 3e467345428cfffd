/** The responses of refused requests: for a worker's script, for a token of the app, for what the app may read. */
import { REFUSAL_HEADER } from '../protocol/sealed-script.js';

const catalogue = {
  'method-not-allowed': {
    status: 405,
    text: 'This address is answered to the methods of the header Allow only.',
  },
  'not-a-worker-fetch': {
    status: 403,
    text:
      'This worker script is sealed: it is answered to the browser itself when it fetches its service worker, ' +
      'to nothing else. If that was such a fetch, a proxy in front of this server removes Sec-Fetch-Dest, ' +
      'Sec-Fetch-Site or Service-Worker.',
  },
  'cookie-missing': {
    status: 403,
    text:
      'The browser has just been given its cookie: register the worker again. If this comes back, the browser ' +
      'refuses cookies, or the worker is registered with type "module", whose script Chromium fetches without ' +
      'cookies: register a classic worker.',
  },
  'cookie-refused': {
    status: 403,
    text:
      'The cookie was not made by this server, or with a secret that it no longer has. The browser has just been ' +
      'given another: register the worker again and sign in once.',
  },
  'another-worker': {
    status: 403,
    text:
      'This script is no service worker of this app. If it is meant to be one, name its path in the option "paths" of ' +
      'guardWorkers.',
  },
  'another-query': {
    status: 403,
    text:
      'The query of this script is not the one that the option "query" of sealWorkerScript names. If the registration of the ' +
      'worker has changed, change that option too.',
  },
  'not-a-fetch-of-the-app': {
    status: 403,
    text:
      'This address is answered to fetches of the app itself only. If that was one, a proxy in front of this server removes ' +
      'Sec-Fetch-Dest, Sec-Fetch-Mode or Sec-Fetch-Site.',
  },
  'worker-not-sealed': {
    status: 403,
    text:
      'The app’s tokens are encrypted for sealed workers, and this browser has no cookie of one. Serve the worker’s script ' +
      'through sealWorkerScript with the same secrets.',
  },
  'request-invalid': {
    status: 400,
    text: 'This request is not one that the app’s worker makes, or its path or query could mean several things.',
  },
  'portal-unknown': {
    status: 404,
    text: 'The app has no account at this portal. Name it in the option "portals" of appTokens, with the URL that the worker registers.',
  },
  'path-not-allowed': {
    status: 403,
    text: 'The app does not pass on this path. Name it in the option "allow" of appProxy; what issues tokens is never passed on.',
  },
  'too-many-requests': {
    status: 429,
    text: 'This browser has asked too often. The header Retry-After says when it may ask again, in seconds.',
  },
  'account-refused': {
    status: 502,
    text: 'The portal refuses the account of the app. Check its client id and client secret at the portal.',
  },
  'portal-redirected': {
    status: 502,
    text: 'The server of the portal redirects to another address, which is not followed: the app’s token would go along.',
  },
  'portal-unavailable': {
    status: 503,
    text: 'The portal could not be reached, or did not answer as a portal does. Try again later.',
  },
  'script-unavailable': {
    status: 500,
    text: 'The server has no worker script to seal. Correct the option "script".',
  },
  'script-wrong-type': {
    status: 500,
    text: 'What should be the worker script is not JavaScript. Correct the option "script".',
  },
} as const;

/** Reason of a refusal; stable, sent in the header `Identity-Worker-Refusal`. */
export type RefusalCode = keyof typeof catalogue;

/** All codes, in the order of docs/server.md. */
export const refusalCodes = Object.keys(catalogue) as RefusalCode[];

/** Headers that keep a response out of caches (RFC 9111 §5.2.2.5). Some caches obey only `CDN-Cache-Control` (RFC 9213) or `Vary`. */
export const neverStored: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'cdn-cache-control': 'no-store',
  vary: 'Cookie, Sec-Fetch-Dest, Sec-Fetch-Site, Service-Worker',
};

/**
 * Makes the response of a refused request.
 *
 * @param code - Why it is refused.
 * @param options.cookie - `Set-Cookie` header, for a browser that needs a cookie.
 * @param options.status - HTTP status in place of the code's own.
 * @param options.allow - Methods that are answered, for status 405.
 * @param options.headers - More headers.
 */
export function refusal(
  code: RefusalCode,
  options: {
    readonly cookie?: string;
    readonly status?: number;
    /** Methods that are answered, for status 405. Default `GET`. */
    readonly allow?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Response {
  const { text } = catalogue[code];
  const { cookie, status = catalogue[code].status } = options;
  const headers = new Headers({
    ...neverStored,
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    ...options.headers,
    [REFUSAL_HEADER]: code,
  });
  if (status === 405) headers.set('allow', options.allow ?? 'GET');
  if (cookie !== undefined) headers.append('set-cookie', cookie);
  return new Response(`${text}\n`, { status, headers });
}
