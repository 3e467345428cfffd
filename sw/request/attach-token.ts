/** Attaches a token where the server accepts it at no cost: query or form for ArcGIS, header for the rest. Pure. */
import type { Portal } from '../portals/portal.js';
import { toRequest, type ReplayableRequest } from './replayable-request.js';

/** How a token travels in one request. `post` is a GET that is sent as a form. */
export type Placement = 'query' | 'post' | 'form' | 'multipart' | 'header';

/** A request with a token in it, ready to be sent. */
export interface SignedRequest {
  readonly request: Request;
  readonly placement: Placement;
  /** Its URL is not the page's: the network's own response would show that. */
  readonly changesUrl: boolean;
}

/** Longest URL with a token in it; longer queries are sent as a form, as the ArcGIS SDKs do (`maxUrlLength`). In characters. */
const MAX_URL_LENGTH = 2000;

const mediaType = ({ headers }: Request): string =>
  (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/**
 * Whether a no-cors request is sent as a cors request, whose response can be read: a seek in a film, which would lose its Range
 * otherwise; a style sheet, whose URL other origins may be told as referrer; and pictures where the registration wants them readable.
 */
export const needsCors = ({ request }: ReplayableRequest, { images }: Portal): boolean =>
  request.mode === 'no-cors' &&
  request.method === 'GET' &&
  (request.headers.has('range') ||
    request.destination === 'style' ||
    (images === 'readable' && request.destination === 'image'));

/**
 * Whether a request can be signed in its own mode. A no-cors one to a server that takes tokens in a header only cannot: the
 * browser drops it silently. A no-cors style sheet may not: its URL, token and all, can be the referrer of what it loads.
 */
export const canBeSigned = ({ request }: ReplayableRequest, { kind, tokenPlacement }: Portal): boolean =>
  request.mode !== 'no-cors' ||
  (request.destination !== 'style' && (kind === 'arcgis' || tokenPlacement !== 'header'));

/**
 * Chooses the placement that needs no CORS preflight and that the page cannot see.
 *
 * @see ArcGIS REST API: Authenticated requests; RFC 6750 §2
 */
export function choosePlacement(replayable: ReplayableRequest, token: string, portal: Portal): Placement {
  const { request, body, hasStreamBody } = replayable;
  // A no-cors request may only follow redirects (Fetch standard), and a 307 would carry its body with the token along.
  if (request.mode === 'no-cors') return 'query';
  if (portal.tokenPlacement === 'header') return 'header';
  if (portal.tokenPlacement === 'query' || hasStreamBody) return 'query';
  if (request.method === 'GET') return isSentAsForm(replayable, token, portal) ? 'post' : 'query';
  if (body === undefined || body.size === 0) return 'query';
  const type = mediaType(request);
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return type === 'multipart/form-data' && boundaryOf(request) !== undefined ? 'multipart' : 'query';
}

/** Whether a GET is sent as a form: operations take both (ArcGIS REST API: Authenticated requests), tiles and files do not. */
function isSentAsForm({ url }: ReplayableRequest, token: string, { tokenPlacement }: Portal): boolean {
  if (/\/(tile|tilemap|resources|attachments)\/|\.[a-z\d]{2,5}$/i.test(url.pathname)) return false;
  return tokenPlacement === 'form' ? url.searchParams.has('f') : isTooLong(url, token);
}

const isTooLong = (url: URL, token: string): boolean =>
  url.href.length + '&token='.length + encodeURIComponent(token).length > MAX_URL_LENGTH;

/** How far into a multipart body a token of the page's own is looked for, in bytes: it stands among the small fields. */
const SEARCHED_BYTES = 64 * 1024;

/** Whether the page's own form has a token in it: such a request is left alone (two tokens make servers take the first). */
export async function hasOwnToken({ request, body }: ReplayableRequest): Promise<boolean> {
  if (body === undefined || body.size === 0) return false;
  switch (mediaType(request)) {
    case 'application/x-www-form-urlencoded':
      return containsTokenField(body);
    case 'multipart/form-data':
      return /name="?token"?[\r\n;]/i.test(await body.slice(0, SEARCHED_BYTES).text());
    default:
      return false;
  }
}

/** Looks through a form piece by piece: a large one must not come into the worker's heap as a whole. */
async function containsTokenField(body: Blob): Promise<boolean> {
  for (let start = 0; start < body.size; start += SEARCHED_BYTES) {
    // A name may begin in one piece and end in the next.
    const piece = body.slice(start === 0 ? 0 : start - '&token'.length, start + SEARCHED_BYTES);
    if ((start === 0 ? /(^|&)token=/i : /&token=/i).test(await piece.text())) return true;
  }
  return false;
}

const boundaryOf = (request: Request): string | undefined =>
  /boundary=(?:"([^"]+)"|([^;\s]+))/i
    .exec(request.headers.get('content-type') ?? '')
    ?.slice(1)
    .find(Boolean);

/** Attaches the token. */
export function attachToken(replayable: ReplayableRequest, token: string, portal: Portal): SignedRequest {
  const placement = choosePlacement(replayable, token, portal);
  switch (placement) {
    case 'header':
      return { placement, changesUrl: false, request: attachInHeader(replayable, token) };
    case 'query':
      return { placement, changesUrl: true, request: attachInQuery(replayable, token, portal) };
    case 'post':
      return { placement, ...attachInPost(replayable, token) };
    case 'form':
    case 'multipart':
      return {
        placement,
        changesUrl: false,
        request: toRequest(replayable, {
          body: withToken(replayable, token, placement),
          ...safely(replayable),
        }),
      };
  }
}

/**
 * A 307 would carry a body with a token to wherever it points, and a server may copy its query into a redirect: what the
 * page wants followed is followed by the worker only. No-cors requests may not be `manual` (Fetch standard).
 */
const safely = ({ request }: ReplayableRequest): { init?: RequestInit } =>
  request.redirect === 'follow' && request.mode !== 'no-cors' ? { init: { redirect: 'manual' } } : {};

/** The request with the token as RFC 6750 §2.1 has it. */
export function attachInHeader(
  replayable: ReplayableRequest,
  token: string,
  init: RequestInit = {},
): Request {
  const headers = new Headers(replayable.request.headers);
  headers.set('authorization', `Bearer ${token}`);
  return toRequest(replayable, { headers, init });
}

function attachInQuery(replayable: ReplayableRequest, token: string, { kind }: Portal): Request {
  const url = new URL(replayable.url);
  // Appended to the text, not re-serialised: the rest of the query stays byte for byte as the page wrote it.
  const name = kind === 'arcgis' ? 'token' : 'access_token';
  url.search += `${url.search === '' ? '?' : '&'}${name}=${encodeURIComponent(token)}`;
  return toRequest(replayable, { url, ...safely(replayable) });
}

/** The query stays where it is as long as it is short enough there: the response then has the page's own URL. */
function attachInPost(
  replayable: ReplayableRequest,
  token: string,
): Pick<SignedRequest, 'request' | 'changesUrl'> {
  const url = new URL(replayable.url);
  const changesUrl = isTooLong(url, token);
  const query = changesUrl ? `${url.search.slice(1)}&` : '';
  if (changesUrl) url.search = '';
  const headers = new Headers(replayable.request.headers);
  headers.set('content-type', 'application/x-www-form-urlencoded');
  const body = new Blob([`${query}token=${encodeURIComponent(token)}`]);
  const { init } = safely(replayable);
  return {
    changesUrl,
    request: toRequest(replayable, { url, headers, body, init: { ...init, method: 'POST' } }),
  };
}

function withToken(
  { request, body }: ReplayableRequest,
  token: string,
  placement: 'form' | 'multipart',
): Blob {
  if (placement === 'form') return new Blob([body ?? '', `&token=${encodeURIComponent(token)}`]);
  const boundary = boundaryOf(request) ?? '';
  // One part in front of the others: boundary and bytes of the page's own parts stay as they are (RFC 7578 §4.1).
  return new Blob([
    `--${boundary}\r\nContent-Disposition: form-data; name="token"\r\n\r\n${token}\r\n`,
    body ?? '',
  ]);
}

/** A registration with its token in the query, for a server that answers no preflight for a header. */
export const withQueryPlacement = (portal: Portal): Portal => ({ ...portal, tokenPlacement: 'auto' });

/**
 * The browser's cache does not tell users apart by their Authorization header: what another one has left there is not
 * used without asking the server. A token in a query is part of the cache's key.
 */
export function revalidateSharedCache(
  replayable: ReplayableRequest,
  { tokenPlacement }: Portal,
): ReplayableRequest {
  const { cache, method } = replayable.request;
  const isCached =
    (method === 'GET' || method === 'HEAD') && (cache === 'default' || cache === 'force-cache');
  const isShared = tokenPlacement === 'header' && isCached;
  return isShared ? { ...replayable, changes: { ...replayable.changes, cache: 'no-cache' } } : replayable;
}
