/** Attaches a token where the server accepts it at no cost: query or form for ArcGIS, header for the rest. Pure. */
import { isOGCPath } from '../portals/ogc-path.js';
import type { Portal } from '../portals/portal.js';
import { ownHeaders, toRequest, type ReplayableRequest } from './replayable-request.js';

/** How a token travels in one request. `post` is a GET that is sent as a form. */
export type Placement = 'query' | 'post' | 'form' | 'multipart' | 'header';

/** A request with a token in it, ready to be sent. */
export interface SignedRequest {
  readonly request: Request;
  readonly placement: Placement;
  /** Its URL is not the page's, or holds the token: the network's own response would show that. */
  readonly changesUrl: boolean;
}

/** Longest URL with a token in it; longer queries are sent as a form, as the ArcGIS SDKs do (`maxUrlLength`). In characters. */
const MAX_URL_LENGTH = 2000;

/** The type of a body, without its parameters. */
export const mediaType = ({ headers }: Request): string =>
  (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/**
 * Chooses the placement that needs no CORS preflight and that the page cannot see.
 *
 * @param isReported - The address would stand in reports: the token may not be in it.
 * @see ArcGIS REST API: Authenticated requests; RFC 6750 §2
 */
export function choosePlacement(
  replayable: ReplayableRequest,
  token: string,
  portal: Portal,
  isReported = false,
): Placement {
  const { request, body, hasStreamBody } = replayable;
  if (portal.tokenPlacement === 'header') return 'header';
  const withoutForm = isReported ? 'header' : 'query';
  if (portal.tokenPlacement === 'query' || hasStreamBody) return withoutForm;
  if (request.method === 'GET')
    return isSentAsForm(replayable, token, isReported ? { tokenPlacement: 'form' } : portal)
      ? 'post'
      : withoutForm;
  if (body === undefined || body.size === 0) return withoutForm;
  const type = mediaType(request);
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return type === 'multipart/form-data' && boundaryOf(request) !== undefined ? 'multipart' : withoutForm;
}

/** Whether a GET is sent as a form: operations take both (ArcGIS REST API: Authenticated requests); tiles, files and OGC services do not. */
function isSentAsForm(
  { url }: ReplayableRequest,
  token: string,
  { tokenPlacement }: Pick<Portal, 'tokenPlacement'>,
): boolean {
  if (
    /\/(tile|tilemap|resources|attachments)\/|\.[a-z\d]{2,5}$/i.test(url.pathname) ||
    isOGCPath(url.pathname)
  )
    return false;
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
export function attachToken(
  replayable: ReplayableRequest,
  token: string,
  portal: Portal,
  isReported = false,
): SignedRequest {
  const placement = choosePlacement(replayable, token, portal, isReported);
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
          init: safely(replayable),
        }),
      };
  }
}

/**
 * A 307 would carry a body with a token to wherever it points, and a server may copy its query into a redirect: what the
 * page wants followed is followed by the worker only.
 */
const safely = ({ request }: ReplayableRequest): RequestInit =>
  request.redirect === 'follow' ? { redirect: 'manual' } : {};

/**
 * The request with the token as RFC 6750 §2.1 has it. The browser's cache knows a response by its address alone: this one is
 * not kept there, where the next user and pages without a worker would get it, nor taken from there. A POST never is.
 */
export function attachInHeader(
  replayable: ReplayableRequest,
  token: string,
  init: RequestInit = {},
): Request {
  const headers = ownHeaders(replayable.request);
  headers.set('authorization', `Bearer ${token}`);
  const { method } = replayable.request;
  const uncached: RequestInit = method === 'GET' || method === 'HEAD' ? { cache: 'no-store' } : {};
  return toRequest(replayable, { headers, init: { ...init, ...uncached } });
}

function attachInQuery(replayable: ReplayableRequest, token: string, { kind }: Portal): Request {
  const url = new URL(replayable.url);
  // Appended to the text, not re-serialised: the rest of the query stays byte for byte as the page wrote it.
  const name = kind === 'arcgis' ? 'token' : 'access_token';
  url.search += `${url.search === '' ? '?' : '&'}${name}=${encodeURIComponent(token)}`;
  return toRequest(replayable, { url, init: safely(replayable) });
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
  const headers = ownHeaders(replayable.request);
  headers.set('content-type', 'application/x-www-form-urlencoded');
  const body = new Blob([`${query}token=${encodeURIComponent(token)}`]);
  const init: RequestInit = { ...safely(replayable), method: 'POST' };
  return { changesUrl, request: toRequest(replayable, { url, headers, body, init }) };
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
