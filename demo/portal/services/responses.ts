// Responses of all services: JSON in four formats, error envelopes, bytes.
import type { ServiceResponse, ServiceRequest } from './service-request.js';

/** An error that clients get as an ArcGIS envelope in HTTP 200. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
  constructor(
    readonly code: number,
    message: string,
    readonly details: readonly string[] = [],
  ) {
    super(message);
  }
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

// The callback is written into a script, so it has to be a dotted identifier.
const callbackPattern = /^[\w$]+(\.[\w$]+)*$/;

/** JSON in the format of `f`: compact, indented (`pjson`), JSONP (`callback`), or a page without `f` or with `html`. */
export function jsonResponse(request: ServiceRequest, value: unknown): ServiceResponse {
  const format = request.params.get('f') ?? 'html';
  const callback = request.params.get('callback');
  const headers = { 'cache-control': 'private, no-cache' };
  if (format === 'html') {
    const title = escapeHtml(request.path || 'Services');
    const json = escapeHtml(JSON.stringify(value, undefined, 2).slice(0, 200_000));
    return {
      status: 200,
      headers: { ...headers, 'content-type': 'text/html; charset=utf-8' },
      body: `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1><pre>${json}</pre></html>`,
    };
  }
  const text = JSON.stringify(value, undefined, format === 'pjson' ? 2 : undefined);
  if (callback !== null && callbackPattern.test(callback)) {
    return {
      status: 200,
      headers: { ...headers, 'content-type': 'application/javascript; charset=utf-8' },
      body: `${callback}(${text});`,
    };
  }
  return {
    status: 200,
    headers: {
      ...headers,
      'content-type':
        format === 'geojson' ? 'application/geo+json; charset=utf-8' : 'application/json; charset=utf-8',
    },
    body: text,
  };
}

/** The ArcGIS error envelope: JSON with status 200 for every `f`. */
export function envelopeResponse(
  request: ServiceRequest,
  { code, message, details }: EnvelopeError,
): ServiceResponse {
  const value = { error: { code, message, details } };
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(value, undefined, request.params.get('f') === 'pjson' ? 2 : undefined),
  };
}

/** Bytes. The HTTP layer adds ETag, conditional requests and ranges. */
export function bytesResponse(
  body: Uint8Array,
  contentType: string,
  { cacheControl = 'private, no-cache', filename }: { cacheControl?: string; filename?: string } = {},
): ServiceResponse {
  const headers: Record<string, string> = { 'content-type': contentType, 'cache-control': cacheControl };
  if (filename !== undefined) headers['content-disposition'] = `inline; filename="${filename}"`;
  return { status: 200, headers, body };
}
