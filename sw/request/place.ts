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
  if (portal.placement === 'query' || body === undefined || body.size === 0) return 'query';
  const type = mediaType(request);
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return type === 'multipart/form-data' ? 'multipart' : 'query';
}

/** Puts the token in. */
export function place(outgoing: Outgoing, token: string, portal: Portal): Placed | undefined {
  const placement = choosePlacement(outgoing, portal);
  switch (placement) {
    case undefined:
      return undefined;
    case 'header': {
      const headers = new Headers(outgoing.request.headers);
      headers.set('authorization', `Bearer ${token}`);
      return { placement, request: toRequest(outgoing, { headers }) };
    }
    case 'query':
      return { placement, request: placeInQuery(outgoing, token) };
    case 'form':
    case 'multipart':
      return {
        placement,
        request: toRequest(outgoing, { body: withToken(outgoing, token, placement), init: safeRedirect }),
      };
  }
}

/** A 307 would carry a body with a token to wherever it points: such a redirect is refused (S5). */
const safeRedirect: RequestInit = { redirect: 'manual' };

function placeInQuery(outgoing: Outgoing, token: string): Request {
  const url = new URL(outgoing.url);
  // Appended to the text, not re-serialised: the rest of the query stays byte for byte as the page wrote it.
  url.search += `${url.search === '' ? '?' : '&'}token=${encodeURIComponent(token)}`;
  // A server may copy its query into a redirect: followed by us only (S5). No-cors requests may not be `manual` (Fetch standard).
  const isFollowed = outgoing.request.redirect === 'follow' && outgoing.request.mode !== 'no-cors';
  return toRequest(outgoing, { url, ...(isFollowed ? { init: safeRedirect } : {}) });
}

function withToken({ request, body }: Outgoing, token: string, placement: 'form' | 'multipart'): Blob {
  if (placement === 'form') return new Blob([body ?? '', `&token=${encodeURIComponent(token)}`]);
  const boundary = /boundary="?([^";]+)"?/i.exec(request.headers.get('content-type') ?? '')?.[1] ?? '';
  // One part in front of the others: boundary and bytes of the page's own parts stay as they are (RFC 7578 §4.1).
  return new Blob([
    `--${boundary}\r\nContent-Disposition: form-data; name="token"\r\n\r\n${token}\r\n`,
    body ?? '',
  ]);
}
