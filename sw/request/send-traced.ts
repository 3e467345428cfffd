/** Sends a request with a token, and notes what its service says to that. */
import { ChallengeError } from '../../protocol/identity-error.js';
import { classifyResponse, type AuthStatus } from './classify-response.js';
import type { ReplayableRequest } from './replayable-request.js';
import type { RequestContext, RequestServices } from './request-context.js';
import { sendWithToken } from './send-request.js';

/** @throws {@link ChallengeError} `sign-in-required` for a request of a session that has ended. */
export function requireSession(
  { target: { portal }, onlyInSession }: RequestContext,
  { tokens }: RequestServices,
): void {
  if (onlyInSession !== undefined && onlyInSession !== tokens.session(portal))
    throw new ChallengeError('sign-in-required', { origin: new URL(portal.url).origin });
}

/** Sends with a token, in the session that the request is for. */
export function sendTraced(
  token: string,
  replayable: ReplayableRequest,
  context: RequestContext,
  services: RequestServices,
): Promise<Response> {
  const { trace, target } = context;
  requireSession(context, services);
  trace.isSigned = true;
  trace.recorder?.add({
    step: 'token',
    of: services.tokens.info(target.portal) ? 'user' : 'app',
    portal: target.portal.url,
    server: target.serverRoot,
  });
  return sendWithToken(token, replayable, target.portal, services);
}

/** What a response says of the token that it was asked for with, or of the lack of one. */
export const statusOf = (
  response: Response,
  { target, url, trace }: RequestContext,
  isSigned: boolean,
): Promise<AuthStatus> => {
  const { kind, refusalStatuses } = target.portal;
  return classifyResponse(response, { kind, refusalStatuses, url, isSigned, recorder: trace.recorder });
};

/** Remembers whether the service of a request accepts a token that is new. */
export async function rememberAcceptance(
  response: Response,
  token: string,
  context: RequestContext,
  { memory, tokens }: RequestServices,
): Promise<void> {
  const { portal } = context.target;
  if ((await statusOf(response, context, true)) === 'ok') memory.accept(context.url, token);
  else memory.refuse(context.url, portal, tokens.session(portal));
}
