// What a handler returns, and the few kinds of answer the portal gives.

import type { PortalRequest } from './request.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** False for pages that people visit: they carry no CORS header whatever the mode. */
  readonly cors?: boolean;
  /** True for what a browser may revalidate or fetch in ranges. */
  readonly conditional?: boolean;
}

export type Handler = (request: PortalRequest) => Answer | Promise<Answer>;

/** JSON as ArcGIS writes it: indented for `f=pjson`, wrapped for `callback`. */
export function json(
  request: PortalRequest,
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer {
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

/** The error of a sharing operation: HTTP 200 with the code inside. */
export function jsonError(
  request: PortalRequest,
  code: number,
  message: string,
  more: { readonly details?: string | readonly string[]; readonly messageCode?: string } = {},
): Answer {
  const { details = [], messageCode } = more;
  return json(request, {
    error: { code, ...(messageCode === undefined ? {} : { messageCode }), message, details },
  });
}

/** A page that must run no script and may not be framed. `form-action` is left out: Chromium applies it to the redirect after the form too. */
export function page(html: string, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
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

export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Answer {
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

/** Adds parameters to a URI without touching what it already holds (RFC 6749 §4.1.2). */
export function withQuery(uri: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const query = encodeParameters(parameters);
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
}

/** Percent-encodes, never with `+` for a blank, so that every parser reads the same `state` back. */
export function encodeParameters(parameters: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parameters)
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}
