// oauth2/approval: the landing page of the oob redirect URI.

import type { PortalContext } from '../../context.js';
import { page, type PortalResponse } from '../../http/response.js';
import type { PortalRequest } from '../../http/request.js';
import { approvalPage, denialPage } from '../../pages/approval-page.js';
import { coopHeader } from './authorize.js';

export function approval(context: PortalContext, { query }: PortalRequest): PortalResponse {
  const code = context.tokens.find(query.get('code'));
  // Shows only codes that it issued: with a crafted link, users would paste an attacker's code.
  const html = code?.kind === 'code' ? approvalPage(code.value) : denialPage();
  return page(html, 200, { 'Referrer-Policy': 'no-referrer', ...coopHeader(context) });
}
