/** The cookie that identifies a browser: a random id and its authentication code. */
import { decodeBase64Url, encodeBase64Url } from './base64url.js';
import { readSecrets, type SecretKeys, type Secrets } from './keys.js';

/**
 * Browsers that know the prefix `__Host-Http-` let no script set such a cookie. So hostile script cannot replace it by the
 * cookie of another browser, whose key it knows. Other browsers enforce `__Host-` (RFC 6265bis §4.1.3: Secure, no Domain,
 * Path=/).
 */
export const COOKIE_NAME = '__Host-Http-identity-worker';

/** 400 days, in seconds: the longest lifetime that browsers accept (RFC 6265bis §5.5). */
const MAX_AGE_S = 400 * 24 * 60 * 60;

/** Length of a browser's id, in bytes. */
const ID_BYTES = 16;

/** Values of `Sec-Fetch-Site` with which a browser sends a SameSite=Strict cookie that it has. */
const sitesWithCookie = ['none', 'same-origin', 'same-site'];

/** The cookie of a request. `refused`: it was changed, forged, sent twice, or signed with a secret that is no longer listed. */
export type BrowserCookie =
  | { readonly state: 'known'; readonly browserId: Uint8Array<ArrayBuffer> }
  | { readonly state: 'missing' }
  | { readonly state: 'refused' };

/**
 * Reads and verifies the cookie of a request.
 *
 * @param header - The `Cookie` header; `null` when there is none.
 * @param secrets - Keys of the accepted secrets.
 */
export async function readCookie(
  header: string | null,
  secrets: readonly SecretKeys[],
): Promise<BrowserCookie> {
  const values = cookieValues(header ?? '');
  const [value] = values;
  if (value === undefined) return { state: 'missing' };
  // A browser has one such cookie. Of two, one was planted, and the server cannot tell which.
  const parsed = values.length === 1 ? parse(value) : undefined;
  if (!parsed) return { state: 'refused' };
  const results = await Promise.all(secrets.map((keys) => keys.verify(parsed.browserId, parsed.code)));
  return results.includes(true) ? { state: 'known', browserId: parsed.browserId } : { state: 'refused' };
}

/** Makes the `Set-Cookie` header for a browser, signed with the current secret. */
export async function setCookie(browserId: Uint8Array<ArrayBuffer>, current: SecretKeys): Promise<string> {
  const value = `${encodeBase64Url(browserId)}.${encodeBase64Url(await current.sign(browserId))}`;
  return `${COOKIE_NAME}=${value}; Max-Age=${MAX_AGE_S}; Path=/; Secure; HttpOnly; SameSite=Strict`;
}

/** Makes the `Set-Cookie` header for a browser without a valid cookie. */
export function setNewCookie(current: SecretKeys): Promise<string> {
  return setCookie(crypto.getRandomValues(new Uint8Array(ID_BYTES)), current);
}

/** All values of the cookie in a `Cookie` header (RFC 6265bis §4.2.1: `name=value` pairs, separated by semicolons). */
function cookieValues(header: string): string[] {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${COOKIE_NAME}=`))
    .map((pair) => pair.slice(COOKIE_NAME.length + 1));
}

function parse(
  value: string,
): { browserId: Uint8Array<ArrayBuffer>; code: Uint8Array<ArrayBuffer> } | undefined {
  // 16 and 32 bytes.
  const match = /^([\w-]{22})\.([\w-]{43})$/.exec(value);
  const [browserId, code] = [match?.[1], match?.[2]].map((text) => decodeExactly(text ?? ''));
  return match && browserId && code ? { browserId, code } : undefined;
}

/** Accepts only the spelling that {@link setCookie} writes: base64 has several for the same bytes. */
function decodeExactly(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = decodeBase64Url(text);
  return bytes && encodeBase64Url(bytes) === text ? bytes : undefined;
}

/**
 * Makes a function that adds the cookie to the response of a page, so that the first registration of the worker succeeds.
 * Without it {@link sealWorkerScript} sets the cookie, and the page has to register its worker twice on the first visit.
 *
 * @param options - `secrets`: The server's secrets, the current one first.
 * @returns A function that takes a request and its response. When the request opens a page in a browser without a valid
 * cookie, it returns the response with a cookie and `Cache-Control: no-store`; otherwise the response itself.
 * @throws {@link ServerConfigurationError} `secret-…`, immediately, for a wrong secret.
 * @see Fetch Metadata (`Sec-Fetch-Dest`, `Sec-Fetch-Site`)
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
    const withCookie = new Response(response.body, response);
    withCookie.headers.append('set-cookie', await setNewCookie(keys[0]));
    // A shared cache would send the same cookie to every browser.
    withCookie.headers.set('cache-control', 'no-store');
    return withCookie;
  };
}

/**
 * Whether a request opens a page in a tab. Frames are left out: their page has the cookie already. So are navigations from
 * another site: the browser sends no SameSite=Strict cookie with them, and a new cookie would sign the user out.
 */
function opensPage({ method, headers }: Request): boolean {
  return (
    method === 'GET' &&
    headers.get('sec-fetch-dest') === 'document' &&
    sitesWithCookie.includes(headers.get('sec-fetch-site') ?? '')
  );
}
