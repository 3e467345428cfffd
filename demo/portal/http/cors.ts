// CORS headers, in the variants of real portals and servers (CorsMode).

import type { CorsMode } from '../switches.js';
import type { PortalResponse } from './response.js';
import type { PortalRequest } from './request.js';

type CorsHeaders = Record<string, string | string[]>;

/** Headers with which a page of any origin may send cookies. */
const withCredentials = (origin: string): CorsHeaders => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Allow-Credentials': 'true',
  Vary: 'Origin',
});

/** Headers of a response other than a preflight's. Like ArcGIS Server, it sends them only to requests with `Origin`, hence `Vary`. Sharing operations that SDKs request with cookies allow these where the mode is the portal's own. */
export function corsHeaders(mode: CorsMode, request: PortalRequest, mayHaveCredentials = false): CorsHeaders {
  const origin = request.headers['origin'];
  if (mode === 'unlisted') return { Vary: 'Origin' };
  if (origin === undefined) {
    return { Vary: mode === 'two-headers' ? 'Origin, X-Esri-Authorization, Authorization' : 'Origin' };
  }
  const anyOrigin = { 'Access-Control-Allow-Origin': '*', Vary: 'Origin' };
  const byMode: Record<Exclude<CorsMode, 'unlisted'>, CorsHeaders> = {
    star: anyOrigin,
    'refuse-preflight': mayHaveCredentials ? withCredentials(origin) : anyOrigin,
    'echo-credentials': withCredentials(origin),
    'two-headers': {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Expose-Headers': 'Request-Context',
      Vary: 'Origin, X-Esri-Authorization, Authorization',
    },
    'doubled-origin': { 'Access-Control-Allow-Origin': ['*', origin], Vary: 'Origin' },
  };
  return byMode[mode];
}

export function respondToPreflight(mode: CorsMode, request: PortalRequest): PortalResponse {
  if (mode === 'refuse-preflight') {
    return { status: 405, headers: { Allow: 'GET, POST, HEAD' }, body: '' };
  }
  if (mode === 'unlisted') return { status: 200, headers: {}, body: '' };
  const headers: Record<string, string> = {
    // ArcGIS has only these methods; the API of the generic server has more.
    'Access-Control-Allow-Methods':
      request.server === 'oauth'
        ? 'GET, POST, HEAD, PUT, PATCH, DELETE, OPTIONS'
        : 'GET, POST, HEAD, OPTIONS',
    'Access-Control-Allow-Headers':
      mode === 'two-headers' ? 'Content-Type, Authorization, X-Esri-Authorization' : 'Content-Type',
  };
  if (request.headers['access-control-request-private-network'] === 'true') {
    headers['Access-Control-Allow-Private-Network'] = 'true';
  }
  return { status: 200, headers, body: '' };
}
