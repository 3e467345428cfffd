// What handlers return, and the kinds of response that the portal sends.

import type { PortalRequest } from './request.js';

export interface PortalResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** False for pages that users visit, which have no CORS headers in any mode; `credentials` for what SDKs request with cookies. */
  readonly cors?: boolean | 'credentials';
  /** Whether clients may revalidate it or fetch ranges of it. */
  readonly conditional?: boolean;
}

export type Handler = (request: PortalRequest) => PortalResponse | Promise<PortalResponse>;

/** JSON as ArcGIS writes it: indented for `f=pjson`, wrapped for `callback`. */
export function json(
  request: PortalRequest,
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): PortalResponse {
  const text = JSON.stringify(value, null, request.params.get('f') === 'pjson' ? 2 : undefined);
  const callback = request.params.get('callback');
  const isJsonp = callback !== null && /^[\w$.]+$/.test(callback);
  return {
    status,
    headers: {
      'Content-Type': isJsonp ? 'application/javascript; charset=utf-8' : 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      ...headers,
    },
    body: isJsonp ? `${callback}(${text});` : text,
  };
}

/** The error of a sharing operation: HTTP 200 with the code in the body. */
export function jsonError(
  request: PortalRequest,
  code: number,
  message: string,
  more: { readonly details?: string | readonly string[]; readonly messageCode?: string } = {},
): PortalResponse {
  const { details = [], messageCode } = more;
  return json(request, {
    error: { code, ...(messageCode === undefined ? {} : { messageCode }), message, details },
  });
}

/** A page without scripts that may not be framed. Without `form-action`, which Chromium also applies to the redirect after the form. */
export function page(
  html: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): PortalResponse {
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy':
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    },
    body: html,
    cors: false,
  };
}

export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): PortalResponse {
  return {
    status: 302,
    headers: {
      Location: location,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      ...headers,
    },
    body: '',
    cors: false,
  };
}

/** Adds parameters to a URI and keeps its query (RFC 6749 §4.1.2). */
export function withQuery(uri: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const query = encodeParameters(parameters);
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
}

/** Percent-encodes spaces too, because parsers differ about `+` and `state` must come back unchanged. */
export function encodeParameters(parameters: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parameters)
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}
