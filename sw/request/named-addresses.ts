/** Finds the addresses that a request names for its server to fetch: the server may pass the token on to them. Pure. */
import type { PortalIndex, TokenTarget } from '../portals/portal-index.js';
import { isUnder } from '../portals/portal-url.js';

/** Says of an address whether the token may be passed on to it. */
type IsOwn = (address: URL) => boolean;

/** Proxies of ArcGIS portals, of Esri's resource-proxy, and others that are called so: they fetch what the query says. */
const proxyPath = /\/([\w-]*-)?(resource)?proxy(\.\w+)?(?=[/;]|$)/i;

/** Names of services are no proxies. */
const serviceNames = /\/rest\/services\/.*/i;

/** Operations whose parameters are documents that name what they fetch: print, geoprocessing, rasters, extensions. */
const fetchingPath = /\/(gpserver|imageserver|geodataserver|exts)(\/|$)/i;

/** Operations that store what they are sent (ArcGIS REST API: User, Add Item, Update Item, Update Self), and … */
const storingPath = /\/sharing(\/rest)?\/(content\/users|community|portals\/[^/]+\/update)(\/|$)/i;

/** … what they fetch nevertheless (Add Item: `dataUrl`, `thumbnailURL`). */
const fetchedField = /(data|thumbnail|source|file|image)ur[il]/i;

/** Words that are searched for, and where the browser is sent: no token follows a redirect to another origin. */
const harmlessField = /^(q|where|text|searchtext|to|next|goto|(redirect|return|continue)(_?(ur[il]|to))?)$/i;

/** At the start of a value: an absolute address, or one without a scheme. */
const addressStart = /^[\0-\x20"'<(]*(([a-z][a-z\d+.-]*:)?[\\/]{2}|https?:)/i;

/** Anywhere in a text. Without a scheme it stands behind a sign that can end a word: Base64 has two slashes in a row as well. */
const addresses =
  /([a-z][a-z\d+.-]*:|(^|[\s"'<>(),;|=])(?=[\\/]))[\\/]{2}[^\s"'<>(),;|]+|https?:[^\s"'<>(),;|]*/gi;

/** Names of coordinate systems and schemas that look like addresses. */
const isName = ({ hostname }: URL): boolean => /^(www\.)?opengis\.net$/.test(hostname);

/** Longest form that is searched, in bytes; ArcGIS Server takes 10 MB. */
const FORM_BYTES = 16 * 1024 * 1024;

/** How a multipart body is read, in bytes: a part whose head is longer than the overlap is taken to have no name. */
const PIECE_BYTES = 64 * 1024;
const OVERLAP_BYTES = 4096;

/** The name of a part and the first line of its content. */
const part = /(?:name="?([^"\r\n;]*)"?[^\r\n]*(?:\r\n[^\r\n]+)*)?\r\n\r\n([^\r\n]*)/gi;

/** Whether a path is that of a proxy: whatever stands behind it fetches what it is told. */
export const isProxy = (pathname: string): boolean =>
  proxyPath.test(decode(pathname).replace(serviceNames, ''));

/**
 * Whether the path or query of a request name an address that is not the target's own.
 *
 * @see ArcGIS REST API: Export Web Map Task, Geoprocessing service; Esri resource-proxy
 */
export function namesForeignAddress(url: URL, method: string, isOwn: IsOwn): boolean {
  const { pathname, search } = url;
  if (/https?:/i.test(pathname)) return true;
  const query = decode(search.slice(1));
  if (isProxy(pathname) && !addressStart.test(query)) return true;
  return (
    (addressStart.test(query) && holdsForeign(query, url, isOwn)) ||
    fieldsOf(search.slice(1)).some(([name, value]) => isForeignField(name, value, url, method, isOwn))
  );
}

/** The same of the form in its body. */
export async function formNamesForeignAddress(
  body: Blob,
  mediaType: string,
  url: URL,
  method: string,
  isOwn: IsOwn,
): Promise<boolean> {
  const isForeign = (fields: readonly Field[]): boolean =>
    fields.some(([name, value]) => isForeignField(name, value, url, method, isOwn));
  if (mediaType === 'application/x-www-form-urlencoded')
    return body.size > FORM_BYTES || isForeign(fieldsOf(await body.text()));
  if (mediaType !== 'multipart/form-data') return false;
  for (let start = 0; start < body.size; start += PIECE_BYTES) {
    const text = await body.slice(Math.max(0, start - OVERLAP_BYTES), start + PIECE_BYTES).text();
    if (isForeign([...text.matchAll(part)].map(([, name = '', value = '']): Field => [name, value])))
      return true;
  }
  return false;
}

/** What belongs to the portal that a token is of, and what its registration lets its servers fetch. */
export const ownAddresses =
  (index: PortalIndex, { portal }: TokenTarget): IsOwn =>
  (address) =>
    portal.mayFetch.some(
      ({ origin, pathname }) => origin === address.origin && isUnder(address.pathname, pathname),
    ) || index.match(address)?.portal === portal;

type Field = readonly [name: string, value: string];

const fieldsOf = (text: string): Field[] =>
  text.split('&').map((field): Field => {
    const end = field.indexOf('=');
    // A name may be an address as well: `?https://…`.
    return end < 0 ? ['', decode(field)] : [decode(field.slice(0, end)), decode(field.slice(end + 1))];
  });

function isForeignField(name: string, value: string, url: URL, method: string, isOwn: IsOwn): boolean {
  if (addressStart.test(name)) return holdsForeign(name, url, isOwn);
  if (fetchingPath.test(url.pathname))
    return name.toLowerCase() !== 'where' && holdsForeign(unescape(value), url, isOwn);
  if (harmlessField.test(name)) return false;
  if (method === 'POST' && storingPath.test(url.pathname) && !fetchedField.test(name)) return false;
  return addressStart.test(value) && holdsForeign(value, url, isOwn);
}

/** Whether a text names any address that is foreign, or one of the target's own that names a foreign one in turn. */
const holdsForeign = (text: string, base: URL, isOwn: IsOwn): boolean =>
  (text.match(addresses) ?? []).some((match) => {
    const found = match.replace(/^[^\w\\/]/, '');
    // One with a scheme is absolute to a server, whatever the scheme of the request is.
    const from = /^[\\/]/.test(found) ? base.href : undefined;
    if (!URL.canParse(found, from)) return true;
    const address = new URL(found, from);
    return !isName(address) && (!isOwn(address) || namesForeignAddress(address, 'GET', isOwn));
  });

/** Undoes the encoding as often as servers and the proxies behind them may: what is malformed stays as it is. */
function decode(text: string): string {
  let decoded = text.replaceAll('+', ' ');
  for (let times = 0; times < 3 && decoded.includes('%'); times += 1)
    decoded = decoded.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return decoded;
}

/** Undoes the escapes of JSON (RFC 8259 §7). */
const unescape = (text: string): string =>
  text
    .replace(/\\u([\da-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .replaceAll('\\/', '/');
