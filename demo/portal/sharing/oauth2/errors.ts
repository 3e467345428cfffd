// The error body of the portal's OAuth endpoints: the members of RFC 6749 inside `error`, with ArcGIS's fields.

import type { PortalContext } from '../../context.js';
import { json, type PortalResponse } from '../../http/response.js';
import type { PortalRequest } from '../../http/request.js';

export function oauthError(
  { switches }: PortalContext,
  request: PortalRequest,
  code: 400 | 498,
  error: string,
  description: string,
): PortalResponse {
  return json(
    request,
    { error: { code, error, error_description: description, message: description, details: [] } },
    switches.oauthErrorStatus,
  );
}
