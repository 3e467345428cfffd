// Redirect: redirects a signed request, to test whether its token is sent along.

import { json, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

export function redirectTo(request: PortalRequest): PortalResponse {
  const to = request.params.get('to') ?? '';
  const status = Number(request.params.get('status') ?? 302);
  // Header values cannot contain line breaks or letters beyond Latin-1.
  if (!URL.canParse(to) || !redirectStatuses.has(status)) {
    return json(request, { error: { code: 400, message: 'Invalid to or status', details: [] } });
  }
  return { status, headers: { Location: new URL(to).href, 'Cache-Control': 'no-store' }, body: '' };
}
