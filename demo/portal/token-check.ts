// Whether the token of a request opens a server: known, alive, meant for it, used from where it is bound to.

import type { PortalContext } from './context.js';
import type { PortalRequest } from './http/request.js';
import type { Audience, TokenRecord } from './tokens.js';

const audiencesOfServer: Record<'portal' | 'server' | 'hosted' | 'alone' | 'oauth', readonly Audience[]> = {
  portal: ['portal'],
  server: ['server'],
  // Hosted services take the portal's token as it is, or one exchanged for them.
  hosted: ['portal', 'hosted'],
  alone: ['alone'],
  oauth: ['oauth'],
};

/** Returns the token's record, or undefined if this server must answer "invalid token". */
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
