/** The cookie that tells browsers apart: a random id with a code that only the server can make. */
import { decodeBase64Url, encodeBase64Url } from './base64url.js';
import { readSecrets, type SecretKeys, type Secrets } from './keys.js';

/**
 * `__Host-Http-`: browsers that know the prefix let no script set such a cookie, so that hostile script cannot plant one
 * whose seal it knows; the others enforce the `__Host-` in it (RFC 6265bis §4.1.3: Secure, no Domain, Path=/).
 */
export const COOKIE_NAME = '__Host-Http-identity-worker';

/** 400 days in seconds: the most a browser keeps (RFC 6265bis §5.5). */
const MAX_AGE_S = 400 * 24 * 60 * 60;

/** Length of a browser's id, in bytes: 128 bits cannot be guessed. */
const ID_BYTES = 16;

/** Where a browser sends a SameSite=Strict cookie if it has one. From another site it does not: none there means nothing. */
const sitesWithCookie = ['none', 'same-origin', 'same-site'];

/** What a request's cookie says. `refused` is a cookie of ours that was changed, made up, doubled, or signed with a secret we no longer have. */
export type BrowserCookie =
  | { readonly state: 'known'; readonly browserId: Uint8Array<ArrayBuffer> }
  | { readonly state: 'missing' }
  | { readonly state: 'refused' };

/**
 * Reads the cookie of a request.
 *
 * @param header - The `Cookie` header, `null` where there is none.
 * @param secrets - A cookie signed with any of them is accepted.
 */
export async function readCookie(
  header: string | null,
  secrets: readonly SecretKeys[],
): Promise<BrowserCookie> {
  const values = cookieValues(header ?? '');
  const [value] = values;
  if (value === undefined) return { state: 'missing' };
  // A browser holds one: which of two is the true one cannot be told.
  const parsed = values.length === 1 ? parse(value) : undefined;
  if (!parsed) return { state: 'refused' };
  const verdicts = await Promise.all(secrets.map((keys) => keys.verify(parsed.browserId, parsed.code)));
  return verdicts.includes(true) ? { state: 'known', browserId: parsed.browserId } : { state: 'refused' };
}

/** The `Set-Cookie` header of a browser, signed with the current secret. */
export async function setCookie(browserId: Uint8Array<ArrayBuffer>, current: SecretKeys): Promise<string> {
  const value = `${encodeBase64Url(browserId)}.${encodeBase64Url(await current.sign(browserId))}`;
  return `${COOKIE_NAME}=${value}; Max-Age=${MAX_AGE_S}; Path=/; Secure; HttpOnly; SameSite=Strict`;
}

/** The `Set-Cookie` header of a browser that has none, or none that counts. */
export function setNewCookie(current: SecretKeys): Promise<string> {
  return setCookie(crypto.getRandomValues(new Uint8Array(ID_BYTES)), current);
}

/** Every value under our name (RFC 6265bis §4.2.1: `name=value` pairs, separated by semicolons). */
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

/** Base64 has several spellings of the same bytes; only the one that we write is ours. */
function decodeExactly(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = decodeBase64Url(text);
  return bytes && encodeBase64Url(bytes) === text ? bytes : undefined;
}

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
