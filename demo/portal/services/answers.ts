// Builds the answers every service shares: JSON in its four dresses, error envelopes, and bytes.
import type { ServiceAnswer, ServiceRequest } from './service-request.js';

/** An error the caller should see as an ArcGIS envelope inside HTTP 200. */
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

// A callback is written into script: anything but a dotted identifier is ignored.
const callbackPattern = /^[\w$]+(\.[\w$]+)*$/;

/** JSON as `f` asks for it: compact, indented (`pjson`), JSONP (`callback`), or a readable page when `f` is absent or `html`. */
export function jsonAnswer(request: ServiceRequest, value: unknown): ServiceAnswer {
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

/** The ArcGIS error envelope. It travels with status 200 and as JSON whatever format was asked. */
export function envelopeAnswer(
  request: ServiceRequest,
  { code, message, details }: EnvelopeError,
): ServiceAnswer {
  const value = { error: { code, message, details } };
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(value, undefined, request.params.get('f') === 'pjson' ? 2 : undefined),
  };
}

/** Bytes as they are. ETag, conditional and range requests are the HTTP side's, which has the whole body. */
export function bytesAnswer(
  body: Uint8Array,
  contentType: string,
  { cacheControl = 'private, no-cache', filename }: { cacheControl?: string; filename?: string } = {},
): ServiceAnswer {
  const headers: Record<string, string> = { 'content-type': contentType, 'cache-control': cacheControl };
  if (filename !== undefined) headers['content-disposition'] = `inline; filename="${filename}"`;
  return { status: 200, headers, body };
}
