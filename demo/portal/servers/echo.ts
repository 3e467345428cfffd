// Echo: answers with what arrived, so that a client can check method, headers, placement and body of a signed request.

import { createHash } from 'node:crypto';
import { json, type Answer } from '../http/answer.js';
import type { PortalRequest } from '../http/request.js';
import type { RequestLog } from '../request-log.js';
import type { TokenRecord } from '../tokens.js';

export function echo(log: RequestLog, request: PortalRequest, token: TokenRecord | undefined): Answer {
  const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const fields = isForm ? [...request.form].filter(([name]) => name !== 'token') : [];
  const parts = request.parts.filter(({ name }) => name !== 'token');
  const answer = json(request, {
    method: request.method,
    path: request.path,
    query: log.redactParameters(request.query),
    headers: log.redactHeaders(request.headers),
    tokenPlacement: request.token?.placement ?? 'none',
    tokenId: token?.label ?? null,
    user: token?.user ?? null,
    bodyLength: request.body.length,
    bodySha256: sha256(request.body),
    // The body as the page wrote it: form fields and parts without a token that was added on the way.
    fields,
    parts: parts.map(({ name, filename, contentType, body }) => ({
      name,
      filename: filename ?? null,
      contentType: contentType ?? null,
      length: body.length,
      sha256: sha256(body),
    })),
  });
  return { ...answer, conditional: true };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
