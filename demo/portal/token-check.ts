// Whether a server accepts the token of a request: known, valid, issued for it, and sent from where it is bound to.

import type { PortalContext } from './context.js';
import type { PortalRequest } from './http/request.js';
import type { Audience, TokenRecord } from './tokens.js';

const audiencesOfServer: Record<Audience, readonly Audience[]> = {
  portal: ['portal'],
  server: ['server'],
  server2: ['server2'],
  server3: ['server3'],
  // Hosted services accept the portal's token, or one exchanged for them.
  hosted: ['portal', 'hosted'],
  alone: ['alone'],
  oauth: ['oauth'],
};

/** @returns The token's record, or `undefined` where the server refuses it. */
export function judgeToken(
  { tokens, switches }: PortalContext,
  request: PortalRequest,
  server: keyof typeof audiencesOfServer,
): TokenRecord | undefined {
  const token = tokens.find(request.token?.value);
  if (!token || !opensResources(token) || !tokens.isValid(token)) return undefined;
  const isFamily = switches.strictAudience
    ? audiencesOfServer[server].includes(token.audience)
    : (token.audience === 'oauth') === (server === 'oauth');
  if (!isFamily) return undefined;
  if (token.boundAddress !== undefined && token.boundAddress !== request.remoteAddress) return undefined;
  if (token.boundOrigin !== undefined && token.boundOrigin !== refererOrigin(request)) return undefined;
  return token;
}

function opensResources({ kind }: TokenRecord): boolean {
  return !['code', 'refresh', 'session', 'oauth-code', 'oauth-refresh', 'oauth-session'].includes(kind);
}

function refererOrigin({ headers }: PortalRequest): string | undefined {
  const referer = headers['referer'];
  return referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : referer;
}
