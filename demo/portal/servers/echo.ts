// Echo: returns what arrived, so that tests can check method, headers, token placement and body of a signed request.

import { createHash } from 'node:crypto';
import { json, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import type { RequestLog } from '../request-log.js';
import type { TokenRecord } from '../tokens.js';

export function echo(
  log: RequestLog,
  request: PortalRequest,
  token: TokenRecord | undefined,
): PortalResponse {
  const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const fields = isForm ? [...request.form].filter(([name]) => name !== 'token') : [];
  const parts = request.parts.filter(({ name }) => name !== 'token');
  const response = json(request, {
    method: request.method,
    path: request.path,
    query: log.redactParameters(request.query),
    headers: log.redactHeaders(request.headers),
    tokenPlacement: request.token?.placement ?? 'none',
    tokenId: token?.label ?? null,
    user: token?.user ?? null,
    bodyLength: request.body.length,
    bodySha256: sha256(request.body),
    // The body as the page sent it: form fields and parts without the token that was added.
    fields,
    parts: parts.map(({ name, filename, contentType, body }) => ({
      name,
      filename: filename ?? null,
      contentType: contentType ?? null,
      length: body.length,
      sha256: sha256(body),
    })),
  });
  return { ...response, conditional: true };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
