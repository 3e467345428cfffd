// The error body of the portal's OAuth endpoints: RFC 6749's words, one level down, with ArcGIS's fields.

import type { PortalContext } from '../../context.js';
import { json, type Answer } from '../../http/answer.js';
import type { PortalRequest } from '../../http/request.js';

export function oauthError(
  { switches }: PortalContext,
  request: PortalRequest,
  code: 400 | 498,
  error: string,
  description: string,
): Answer {
  return json(
    request,
    { error: { code, error, error_description: description, message: description, details: [] } },
    switches.oauthErrorStatus,
  );
}
