// Redirect: sends a signed request elsewhere, to see whether its token travels along.

import { json, type Answer } from '../http/answer.js';
import type { PortalRequest } from '../http/request.js';

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

export function redirectTo(request: PortalRequest): Answer {
  const to = request.params.get('to') ?? '';
  const status = Number(request.params.get('status') ?? 302);
  // A header value with a line break or a letter beyond Latin-1 cannot be sent.
  if (!URL.canParse(to) || !redirectStatuses.has(status)) {
    return json(request, { error: { code: 400, message: 'Invalid to or status', details: [] } });
  }
  return { status, headers: { Location: new URL(to).href, 'Cache-Control': 'no-store' }, body: '' };
}
