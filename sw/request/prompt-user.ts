/** What is public is sent without a token; for the rest the user is prompted. */
import { ChallengeError } from '../../protocol/identity-error.js';
import type { StepUp } from '../oauth/authorization-server.js';
import type { AppTokens } from '../portals/portal.js';
import { probeAnonymously } from './probe-anonymously.js';
import type { ReplayableRequest } from './replayable-request.js';
import type { RequestContext, RequestServices, SignableContext } from './request-context.js';
import { timed } from './request-trace.js';
import { discard, sendAnonymously } from './send-request.js';
import { rememberAcceptance, requireSession, sendTraced, statusOf } from './send-traced.js';
import { delayed, outliving, untilLimit } from './token-in-time.js';

/** The app's own tokens sign where no user is signed in. */
export const appOf = (
  { target: { portal }, request, url }: RequestContext,
  { tokens }: RequestServices,
): AppTokens | undefined => (tokens.info(portal) ? undefined : portal.app?.(request, url));

/** What a request gets without a token. */
type Anonymous =
  | { readonly isPublic: true; readonly response: Response }
  /** The refusal, where it could be read. */
  | { readonly isPublic: false; readonly response: Response | undefined };

/** Sends without a token what is public, as far as that can be told. */
export async function tryAnonymously(
  replayable: ReplayableRequest,
  context: SignableContext,
  { memory }: RequestServices,
): Promise<Anonymous> {
  const { request, url, target, trace } = context;
  if (request.mode === 'no-cors') {
    // An opaque response cannot be classified: one that can be read tells beforehand.
    const isPublic =
      replayable.body !== undefined ||
      (await timed(
        trace,
        'probe',
        memory.isPublic(url, () => probeAnonymously(replayable, target.portal)),
      ));
    return isPublic
      ? { isPublic, response: await sendAnonymously(replayable) }
      : { isPublic, response: undefined };
  }
  const response = await sendAnonymously(replayable);
  return { isPublic: (await statusOf(response, context, false)) === 'ok', response };
}

/** Nobody is signed in: what is public needs no token; for the rest the user is prompted. */
export async function fallBackToAnonymous(
  replayable: ReplayableRequest,
  context: SignableContext,
  services: RequestServices,
): Promise<Response> {
  requireSession(context, services);
  context.trace.recorder?.add({ step: 'no-token', reason: 'signed-out' });
  const { isPublic, response } = await tryAnonymously(replayable, context, services);
  return isPublic ? response : signIn(response, replayable, context, services);
}

/**
 * Waits for the user, then sends the request as if they had been signed in all along.
 *
 * @param stepUp - What its API wants of the sign-in of a user who is signed in.
 * @throws {@link ChallengeError} `sign-in-required` for a request of the worker's own.
 */
export async function signIn(
  refusal: Response | undefined,
  replayable: ReplayableRequest,
  context: SignableContext,
  services: RequestServices,
  stepUp?: StepUp,
): Promise<Response> {
  const { target, clientId, request, trace, signOuts, waitUntil } = context;
  const { tokens, waitingRequests, holdLimitMs } = services;
  const app = appOf(context, services);
  if (app && (await app.isLast().catch(() => true))) return refusal ?? sendAnonymously(replayable);
  // The user may have signed in while this request was in flight.
  let token = stepUp ? undefined : await tokenInTime(context, services);
  if (token === undefined && clientId === undefined) {
    discard(refusal);
    throw new ChallengeError('sign-in-required', { origin: new URL(target.portal.url).origin });
  }
  // Do not prompt for requests that were in flight when the user signed out.
  const hasSignedOut = signOuts !== tokens.signOuts(target.portal);
  const before = tokens.info(target.portal);
  const mayPrompt = clientId !== undefined && !hasSignedOut && (stepUp !== undefined || before === undefined);
  if (token === undefined && mayPrompt) {
    trace.waited = true;
    const limitMs = request.redirect === 'follow' ? holdLimitMs : Infinity;
    const waiting = { clientId, signal: request.signal, waitUntil };
    const outcome = await timed(
      trace,
      'sign-in',
      waitingRequests.awaitSignIn(target.portal, waiting, limitMs, stepUp),
    );
    trace.recorder?.add({ step: 'sign-in', outcome });
    // The browser sends the same request again, in an event with a limit of its own; the page notices nothing.
    if (outcome === 'held-too-long') {
      trace.recorder?.add({ step: 'handed-back', reason: outcome });
      return Response.redirect(request.url, 307);
    }
    trace.session = tokens.session(target.portal);
    // What one user has asked for is not sent in the name of another.
    const isAnothers = stepUp && tokens.info(target.portal)?.username !== before?.username;
    if (outcome === 'signed-in' && !isAnothers) token = await tokenInTime(context, services);
  }
  // The response that the page would have got without a worker.
  if (token === undefined) return refusal ?? sendAnonymously(replayable);
  discard(refusal);
  const response = await sendTraced(token, replayable, context, services);
  if (trace.waited) await rememberAcceptance(response, token, context, services);
  return response;
}

/** @returns `undefined` where the user has to sign in, or where the portal gives no token now: then the server's refusal stands. */
async function tokenInTime(
  { target, request, trace, waitUntil }: SignableContext,
  { tokens }: RequestServices,
): Promise<string | undefined> {
  const token = await untilLimit(
    outliving(() => tokens.token(target), waitUntil),
    request.signal,
  );
  if (token !== delayed) return token;
  trace.lacksToken = true;
  return undefined;
}
