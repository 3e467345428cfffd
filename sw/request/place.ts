/** Puts a token where the server takes it at no cost: query or form for ArcGIS, header for the rest. Pure. */
import type { Portal } from '../portals/portal.js';
import { toRequest, type Outgoing } from './outgoing.js';

/** How a token travels in one request. */
export type Placement = 'query' | 'form' | 'multipart' | 'header';

/** A request with a token in it, ready to be sent. */
export interface Placed {
  readonly request: Request;
  readonly placement: Placement;
}

const mediaType = ({ headers }: Request): string =>
  (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/**
 * Chooses the placement that needs no CORS preflight and that the page cannot see.
 *
 * @returns `undefined` where the server takes tokens in a header only and the browser lets the request have none.
 * @see ArcGIS REST API: Authenticated requests; RFC 6750 §2
 */
export function choosePlacement({ request, body }: Outgoing, portal: Portal): Placement | undefined {
  // A no-cors request loses every header we add: it would go out anonymous, silently.
  const canHaveHeader = request.mode !== 'no-cors';
  if (portal.placement === 'header')
    return canHaveHeader ? 'header' : portal.kind === 'arcgis' ? 'query' : undefined;
  // A no-cors request may only follow redirects (Fetch standard), and a 307 would carry its body with the token along (S5).
  const isFormPlacement = portal.placement === 'auto' && request.mode !== 'no-cors';
  if (!isFormPlacement || body === undefined || body.size === 0) return 'query';
  const type = mediaType(request);
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return type === 'multipart/form-data' && boundaryOf(request) !== undefined ? 'multipart' : 'query';
}

/** How far into a multipart body a token of the page's own is looked for, in bytes: it stands among the small fields. */
const SEARCHED_BYTES = 64 * 1024;

/** Whether the page's own form has a token in it: such a request is left alone (two tokens make servers take the first). */
export async function hasOwnToken({ request, body }: Outgoing): Promise<boolean> {
  if (body === undefined || body.size === 0) return false;
  switch (mediaType(request)) {
    case 'application/x-www-form-urlencoded':
      return /(^|&)token=/i.test(await body.text());
    case 'multipart/form-data':
      return /name="?token"?[\r\n;]/i.test(await body.slice(0, SEARCHED_BYTES).text());
    default:
      return false;
  }
}

const boundaryOf = (request: Request): string | undefined =>
  /boundary=(?:"([^"]+)"|([^;\s]+))/i
    .exec(request.headers.get('content-type') ?? '')
    ?.slice(1)
    .find(Boolean);

/** Puts the token in. */
export function place(outgoing: Outgoing, token: string, portal: Portal): Placed | undefined {
  const placement = choosePlacement(outgoing, portal);
  switch (placement) {
    case undefined:
      return undefined;
    case 'header':
      return { placement, request: placeInHeader(outgoing, token) };
    case 'query':
      return { placement, request: placeInQuery(outgoing, token, portal) };
    case 'form':
    case 'multipart':
      return {
        placement,
        request: toRequest(outgoing, { body: withToken(outgoing, token, placement), ...safely(outgoing) }),
      };
  }
}

/**
 * A 307 would carry a body with a token to wherever it points, and a server may copy its query into a redirect: what the
 * page wants followed is followed by us only (S5). No-cors requests may not be `manual` (Fetch standard).
 */
const safely = ({ request }: Outgoing): { init?: RequestInit } =>
  request.redirect === 'follow' && request.mode !== 'no-cors' ? { init: { redirect: 'manual' } } : {};

/** The request with the token as RFC 6750 §2.1 has it. */
export function placeInHeader(outgoing: Outgoing, token: string, init: RequestInit = {}): Request {
  const headers = new Headers(outgoing.request.headers);
  headers.set('authorization', `Bearer ${token}`);
  return toRequest(outgoing, { headers, init });
}

function placeInQuery(outgoing: Outgoing, token: string, { kind }: Portal): Request {
  const url = new URL(outgoing.url);
  // Appended to the text, not re-serialised: the rest of the query stays byte for byte as the page wrote it.
  const name = kind === 'arcgis' ? 'token' : 'access_token';
  url.search += `${url.search === '' ? '?' : '&'}${name}=${encodeURIComponent(token)}`;
  return toRequest(outgoing, { url, ...safely(outgoing) });
}

function withToken({ request, body }: Outgoing, token: string, placement: 'form' | 'multipart'): Blob {
  if (placement === 'form') return new Blob([body ?? '', `&token=${encodeURIComponent(token)}`]);
  const boundary = boundaryOf(request) ?? '';
  // One part in front of the others: boundary and bytes of the page's own parts stay as they are (RFC 7578 §4.1).
  return new Blob([
    `--${boundary}\r\nContent-Disposition: form-data; name="token"\r\n\r\n${token}\r\n`,
    body ?? '',
  ]);
}
