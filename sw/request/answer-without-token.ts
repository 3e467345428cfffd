/** Answers a request while no token can be had: the issuer's trouble is not that of the server which the request is for. */
import { signIn, tryAnonymously } from './prompt-user.js';
import type { ReplayableRequest } from './replayable-request.js';
import type { SignableContext, RequestServices } from './request-context.js';
import { timed } from './request-trace.js';
import { discard, NetworkFailure, sendAnonymously } from './send-request.js';
import { requireSession, sendTraced } from './send-traced.js';
import { delayed, PATIENCE_MS, untilLimit } from './token-in-time.js';

/**
 * How long a request waits for a renewal before it is tried without a token, in ms. One that outlives its page waits for nothing:
 * nobody keeps the worker alive for it.
 */
export const patienceMs = ({ request, target }: SignableContext, { tokens }: RequestServices): number =>
  request.keepalive ? 0 : Math.max(0, PATIENCE_MS - tokens.renewingForMs(target));

/**
 * What is public is sent without a token. What is not waits for one, and gets its server's own answer where none comes. What
 * changes something is never sent in nobody's name: it goes out with the token that has expired, which its server refuses.
 *
 * @param refusal - Of the token that the request was sent with, if it was.
 * @param obtain - Asks for a token.
 * @throws {@link NetworkFailure} or an AbortError where the page would have met one.
 */
export async function answerWithoutToken(
  refusal: Response | undefined,
  obtain: () => Promise<string | undefined>,
  replayable: ReplayableRequest,
  context: SignableContext,
  services: RequestServices,
): Promise<Response> {
  const { request, target, trace } = context;
  const { tokens } = services;
  requireSession(context, services);
  trace.recorder?.add({ step: 'no-token', reason: 'not-in-time' });
  if (request.keepalive && !refusal) {
    void obtain().catch(() => undefined);
    const token = tokens.livingToken(target);
    return token === undefined
      ? sendAnonymously(replayable)
      : sendTraced(token, replayable, context, services);
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  let answer = refusal;
  if (isRead) {
    const found = await tryAnonymously(replayable, context, services);
    if (found.isPublic) {
      discard(refusal);
      return found.response;
    }
    if (refusal) discard(found.response);
    else answer = found.response;
  }
  const token = await timed(trace, 'token', untilLimit(obtain, request.signal));
  if (token === undefined) return signIn(answer, replayable, context, services);
  if (token !== delayed) {
    discard(answer);
    return sendTraced(token, replayable, context, services);
  }
  trace.lacksToken = true;
  if (answer) return answer;
  if (isRead) return sendAnonymously(replayable);
  const expired = tokens.lastToken(target);
  if (expired === undefined) throw new NetworkFailure();
  return sendTraced(expired, replayable, context, services);
}
