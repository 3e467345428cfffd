// Revalidation and byte ranges of complete answers (RFC 9110 §13 and §14).

import { createHash } from 'node:crypto';
import type { Answer } from './answer.js';
import type { PortalRequest } from './request.js';

/** Turns a full answer into 304 or 206 where the request asks for it, and marks it as able to do so. */
export function applyConditions(request: PortalRequest, answer: Answer): Answer {
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  if (!answer.conditional || !isReading || answer.status !== 200) return answer;
  if (typeof answer.body !== 'string' && !(answer.body instanceof Uint8Array)) return answer;
  const bytes = Buffer.from(answer.body);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 20)}"`;
  const headers = { ...answer.headers, ETag: etag, 'Accept-Ranges': 'bytes' };
  const known = request.headers['if-none-match'];
  if (known !== undefined && (known === '*' || known.includes(etag))) {
    return { ...answer, status: 304, headers, body: '' };
  }
  const since = request.headers['if-modified-since'];
  const modified = answer.headers['Last-Modified'];
  // Looked at only where no entity tag was sent (RFC 9110 §13.1.3).
  if (known === undefined && since !== undefined && modified !== undefined) {
    if (Date.parse(modified) <= Date.parse(since)) return { ...answer, status: 304, headers, body: '' };
  }
  const asked = request.headers['range'];
  if (asked === undefined) return { ...answer, headers };
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return { ...answer, headers };
  const range = parseRange(asked, bytes.length);
  if (range === undefined) return { ...answer, headers };
  if (range === 'unsatisfiable') {
    return {
      ...answer,
      status: 416,
      headers: { ...headers, 'Content-Range': `bytes */${bytes.length}` },
      body: '',
    };
  }
  return {
    ...answer,
    status: 206,
    headers: { ...headers, 'Content-Range': `bytes ${range.first}-${range.last}/${bytes.length}` },
    body: bytes.subarray(range.first, range.last + 1),
  };
}

/** One range only; a list of ranges is answered in full, which the RFC allows. */
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
