/** An API that wants more of the user's sign-in than the token shows has them asked for it, and the request sent again. */
import { signIn } from './prompt-user.js';
import type { ReplayableRequest } from './replayable-request.js';
import type { RequestServices, SignableContext } from './request-context.js';

/**
 * @param answer - Of the API, to a request of the user.
 * @param isFirst - Whether the user may be asked once more where they were asked for something else.
 * @returns The answer after the sign-in; as it was where it asks for nothing, or where the user cannot be asked, or cancels.
 */
export async function withStepUp(
  answer: Response,
  replayable: ReplayableRequest,
  context: SignableContext,
  services: RequestServices,
  isFirst = true,
): Promise<Response> {
  const { clientId, onlyInSession, trace, target } = context;
  const { portal } = target;
  const { tokens, waitingRequests } = services;
  const isUsers = trace.isSigned && tokens.info(portal) !== undefined;
  if (!isUsers || clientId === undefined || onlyInSession !== undefined || replayable.hasStreamBody)
    return answer;
  const stepUp = await portal.authorizationServer.stepUpOf?.(portal, answer, tokens.scope(portal));
  if (!stepUp) return answer;
  // Others may wait for a sign-in that does not ask for this: then it is asked for afterwards.
  const joined = waitingRequests.challengeOf(portal)?.record.asked;
  const isOther = joined !== undefined && JSON.stringify(joined) !== JSON.stringify(stepUp.parameters);
  const next = await signIn(answer, replayable, context, services, stepUp);
  return isOther && isFirst ? withStepUp(next, replayable, context, services, false) : next;
}
