// Revalidation and byte ranges of complete responses (RFC 9110 §13 and §14).

import { createHash } from 'node:crypto';
import type { PortalResponse } from './response.js';
import type { PortalRequest } from './request.js';

/** Turns a full response into 304 or 206 where the request asks for it, and adds the validators. */
export function applyConditions(request: PortalRequest, response: PortalResponse): PortalResponse {
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  if (!response.conditional || !isReading || response.status !== 200) return response;
  if (typeof response.body !== 'string' && !(response.body instanceof Uint8Array)) return response;
  const bytes = Buffer.from(response.body);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 20)}"`;
  const headers = { ...response.headers, ETag: etag, 'Accept-Ranges': 'bytes' };
  const known = request.headers['if-none-match'];
  if (known !== undefined && (known === '*' || known.includes(etag))) {
    return { ...response, status: 304, headers, body: '' };
  }
  const since = request.headers['if-modified-since'];
  const modified = response.headers['Last-Modified'];
  // Only without If-None-Match (RFC 9110 §13.1.3).
  if (known === undefined && since !== undefined && modified !== undefined) {
    if (Date.parse(modified) <= Date.parse(since)) return { ...response, status: 304, headers, body: '' };
  }
  const asked = request.headers['range'];
  if (asked === undefined) return { ...response, headers };
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return { ...response, headers };
  const range = parseRange(asked, bytes.length);
  if (range === undefined) return { ...response, headers };
  if (range === 'unsatisfiable') {
    return {
      ...response,
      status: 416,
      headers: { ...headers, 'Content-Range': `bytes */${bytes.length}` },
      body: '',
    };
  }
  return {
    ...response,
    status: 206,
    headers: { ...headers, 'Content-Range': `bytes ${range.first}-${range.last}/${bytes.length}` },
    body: bytes.subarray(range.first, range.last + 1),
  };
}

/** Reads a single range. For a list of ranges the full body is sent, which RFC 9110 §14.2 allows. */
export function parseRange(
  header: string,
  length: number,
): { first: number; last: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  const [, from = '', to = ''] = match ?? [];
  if (!match || (from === '' && to === '')) return undefined;
  if (from === '') {
    const suffix = Number(to);
    return suffix === 0 || length === 0
      ? 'unsatisfiable'
      : { first: Math.max(0, length - suffix), last: length - 1 };
  }
  const first = Number(from);
  const last = to === '' ? length - 1 : Math.min(Number(to), length - 1);
  if (first >= length) return 'unsatisfiable';
  return last < first ? undefined : { first, last };
}
