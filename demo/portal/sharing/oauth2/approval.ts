// oauth2/approval: the landing page of the oob redirect URI.

import type { PortalContext } from '../../context.js';
import { page, type Answer } from '../../http/answer.js';
import type { PortalRequest } from '../../http/request.js';
import { approvalPage, denialPage } from '../../pages/approval-page.js';
import { coopHeader } from './authorize.js';

export function approval(context: PortalContext, { query }: PortalRequest): Answer {
  const code = context.tokens.find(query.get('code'));
  // Only a code of our own is shown, or a crafted link could make people paste somebody else's.
  const html = code?.kind === 'code' ? approvalPage(code.value) : denialPage();
  return page(html, 200, { 'Referrer-Policy': 'no-referrer', ...coopHeader(context) });
}
