/** The path of one request: token, attach, send, classify, recover. Read it top-down. */
import { ChallengeError } from '../../protocol/identity-error.js';
import type { StepUp } from '../oauth/authorization-server.js';
import { TokenEndpointUnavailable } from '../oauth/token-endpoint.js';
import type { TokenTarget } from '../portals/portal-index.js';
import type { AppTokens } from '../portals/portal.js';
import { hasOwnToken, mediaType } from './attach-token.js';
import { classifyResponse, type AuthStatus } from './classify-response.js';
import { formNamesForeignAddress, namesForeignAddress, ownAddresses } from './named-addresses.js';
import { probeAnonymously } from './probe-anonymously.js';
import type {
  RequestContext,
  RequestServices,
  SignableContext,
  UnmatchedContext,
} from './request-context.js';
import { toReplayable, type ReplayableRequest } from './replayable-request.js';
import { discard, NetworkFailure, sendAnonymously, sendWithToken } from './send-request.js';

/** How long a no-cors request waits for word on the portal of its server, in ms: a foreign server may never answer. */
const DISCOVERY_MS = 3_000;

/**
 * Handles a request that a registration matches.
 *
 * @throws {@link NetworkFailure} or an AbortError where the page would have met one.
 */
export async function handleRequest(context: RequestContext, services: RequestServices): Promise<Response> {
  return handleReplayable(await toReplayable(context.request, context.url), context, services);
}

/**
 * Handles a request to an ArcGIS Server of which it is not known yet whether it belongs to one of our portals. Foreign public
 * servers must not wait for us: it is sent as it is, and the server is asked for its portal when the request is refused.
 *
 * @param findTarget - Asks the server for its portal.
 */
export async function handleUnknownServer(
  unmatched: UnmatchedContext,
  findTarget: () => Promise<TokenTarget | undefined>,
  services: RequestServices,
): Promise<Response> {
  const { request, url, waitUntil } = unmatched;
  const replayable = await toReplayable(request, url);
  if (replayable.hasStreamBody || (replayable.body !== undefined && (await hasOwnToken(replayable))))
    return sendAnonymously(replayable);
  if (request.mode === 'no-cors') {
    const target = replayable.body === undefined ? await withTimeout(findTarget()) : undefined;
    return target && !(await namesForeign(replayable, target, services))
      ? handleReplayable(replayable, { ...unmatched, target }, services)
      : sendAnonymously(replayable);
  }
  const response = await sendAnonymously(replayable);
  if ((await classifyResponse(response, { kind: 'arcgis', url, isSigned: false })) === 'ok') {
    waitUntil(findTarget());
    return response;
  }
  const target = await findTarget();
  if (!target || (await namesForeign(replayable, target, services))) return response;
  if (target.portal.app) {
    discard(response);
    return handleReplayable(replayable, { ...unmatched, target }, services);
  }
  const prepared = await prepare(replayable, target, services);
  return signIn(response, prepared, signable({ ...unmatched, target }, services), services);
}

async function handleReplayable(
  original: ReplayableRequest,
  arrived: RequestContext,
  services: RequestServices,
): Promise<Response> {
  const { target, url, waitUntil } = arrived;
  const { tokens, memory } = services;
  const context = signable(arrived, services);
  if (
    original.body !== undefined &&
    ((await hasOwnToken(original)) || (await namesForeign(original, target, services)))
  )
    return sendAnonymously(original);
  const replayable = await prepare(original, target, services);
  const source = appOf(context, services) ?? tokens;
  const token = source.cachedToken(target, waitUntil) ?? (await asNetworkError(source.token(target)));
  // A stream is sent once only: the page gets the server's own response, whatever it is.
  if (replayable.hasStreamBody)
    return token === undefined
      ? sendAnonymously(replayable)
      : sendTraced(token, replayable, context, services);
  if (token === undefined) return fallBackToAnonymous(replayable, context, services);
  // A refusal may lie in the browser's cache: the server says whether it still stands.
  const sent = memory.isRejected(url, token)
    ? { ...replayable, changes: { ...replayable.changes, cache: 'reload' as const } }
    : replayable;
  const response = await sendTraced(token, sent, context, services);
  const answer =
    (await statusOf(response, context, true)) === 'ok'
      ? response
      : await recover(response, token, replayable, context, services, source);
  // What the app may not see, a user may.
  return source === tokens || (await statusOf(answer, context, false)) === 'ok'
    ? answer
    : signIn(answer, replayable, context, services);
}

/** The server rejected the token: renew it and send once more; the second response is the page's. */
async function recover(
  refusal: Response,
  rejected: string,
  replayable: ReplayableRequest,
  context: SignableContext,
  services: RequestServices,
  source: Pick<AppTokens, 'renew'>,
): Promise<Response> {
  const { target, url, trace } = context;
  const { memory } = services;
  // A service that rejected a token when it was new does so again: another one would not help.
  if (memory.isRejected(url, rejected)) return publicOr(refusal, replayable, context);
  const renewed = await asNetworkError(source.renew(target, rejected));
  discard(refusal);
  // A bad token is worse than none: a public layer rejects it, and is open without.
  if (renewed === undefined) return fallBackToAnonymous(replayable, context, services);
  trace.refreshed = true;
  const response = await sendTraced(renewed, replayable, context, services);
  if ((await statusOf(response, context, true)) !== 'ok') memory.reject(url, renewed);
  return response;
}

/** The app's own tokens sign where no user is signed in. */
const appOf = (
  { target: { portal }, request, url }: RequestContext,
  { tokens }: RequestServices,
): AppTokens | undefined => (tokens.info(portal) ? undefined : portal.app?.(request, url));

/** What is public of a service that accepts no token of ours; where nothing is, its refusal. */
async function publicOr(
  refusal: Response,
  replayable: ReplayableRequest,
  context: RequestContext,
): Promise<Response> {
  const response = await sendAnonymously(replayable);
  const isPublic = (await statusOf(response, context, false)) === 'ok';
  const [kept, other] = isPublic ? [response, refusal] : [refusal, response];
  discard(other);
  return kept;
}

/** Nobody is signed in: what is public needs no token; for the rest the user is prompted. */
async function fallBackToAnonymous(
  replayable: ReplayableRequest,
  context: SignableContext,
  services: RequestServices,
): Promise<Response> {
  const { request, url, target } = context;
  requireSession(context, services);
  if (request.mode === 'no-cors') {
    // An opaque response cannot be classified: one that can be read tells beforehand.
    const isPublic =
      replayable.body !== undefined ||
      (await services.memory.isPublic(url, () => probeAnonymously(replayable, target.portal)));
    return isPublic ? sendAnonymously(replayable) : signIn(undefined, replayable, context, services);
  }
  const response = await sendAnonymously(replayable);
  const status = await statusOf(response, context, false);
  return status === 'ok' ? response : signIn(response, replayable, context, services);
}

/**
 * Waits for the user, then sends the request as if they had been signed in all along.
 *
 * @param stepUp - What its API wants of the sign-in of a user who is signed in.
 * @param mayStepUp - Whether it may want something then.
 * @throws {@link ChallengeError} `sign-in-required` for a request of the worker's own.
 */
async function signIn(
  refusal: Response | undefined,
  replayable: ReplayableRequest,
  context: SignableContext,
  services: RequestServices,
  stepUp?: StepUp,
  mayStepUp = !stepUp,
): Promise<Response> {
  const { target, clientId, request, trace, signOuts } = context;
  const { tokens, waitingRequests, holdLimitMs } = services;
  const app = appOf(context, services);
  if (app && (await asNetworkError(app.isLast()))) return refusal ?? sendAnonymously(replayable);
  // The user may have signed in while this request was in flight.
  let token = stepUp ? undefined : await asNetworkError(tokens.token(target));
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
    const { signal } = request;
    const outcome = await waitingRequests.awaitSignIn(target.portal, clientId, signal, limitMs, stepUp);
    // The browser sends the same request again, in an event with a limit of its own; the page notices nothing.
    if (outcome === 'held-too-long') return Response.redirect(request.url, 307);
    trace.session = tokens.session(target.portal);
    // What one user has asked for is not sent in the name of another.
    const isAnothers = stepUp && tokens.info(target.portal)?.username !== before?.username;
    if (outcome === 'signed-in' && !isAnothers) token = await asNetworkError(tokens.token(target));
  }
  // The response that the page would have got without a worker.
  if (token === undefined) return refusal ?? sendAnonymously(replayable);
  discard(refusal);
  return sendTraced(token, replayable, context, services, mayStepUp);
}

function signable(context: RequestContext, { tokens }: RequestServices): SignableContext {
  const { portal } = context.target;
  context.trace.session = tokens.session(portal);
  return { ...context, signOuts: tokens.signOuts(portal) };
}

/** Whether a request, its form included, tells an ArcGIS server to fetch an address of somebody else. */
async function namesForeign(
  { request, url, body }: ReplayableRequest,
  target: TokenTarget,
  { portalIndex }: RequestServices,
): Promise<boolean> {
  if (target.portal.kind !== 'arcgis') return false;
  const isOwn = ownAddresses(portalIndex, target);
  const { method } = request;
  return (
    namesForeignAddress(url, method, isOwn) ||
    (body !== undefined && formNamesForeignAddress(body, mediaType(request), url, method, isOwn))
  );
}

const prepare = (
  replayable: ReplayableRequest,
  { portal }: TokenTarget,
  services: RequestServices,
): ReplayableRequest | Promise<ReplayableRequest> =>
  services.prepare ? services.prepare(replayable, portal) : replayable;

/** @throws {@link ChallengeError} `sign-in-required` for a request of a session that has ended. */
function requireSession(
  { target: { portal }, onlyInSession }: RequestContext,
  { tokens }: RequestServices,
): void {
  if (onlyInSession !== undefined && onlyInSession !== tokens.session(portal))
    throw new ChallengeError('sign-in-required', { origin: new URL(portal.url).origin });
}

/** @param mayStepUp - Whether the user may be asked for more than the token shows; once for each request. */
async function sendTraced(
  token: string,
  replayable: ReplayableRequest,
  context: SignableContext,
  services: RequestServices,
  mayStepUp = true,
): Promise<Response> {
  const { portal } = context.target;
  const { tokens, waitingRequests } = services;
  requireSession(context, services);
  context.trace.isSigned = true;
  const response = await sendWithToken(token, replayable, portal, services);
  const mayAsk = mayStepUp && context.clientId !== undefined && context.onlyInSession === undefined;
  // The token of an app has no user who could show more.
  if (!mayAsk || replayable.hasStreamBody || !tokens.info(portal)) return response;
  const { authorizationServer } = portal;
  const stepUp = await authorizationServer.stepUpOf?.(portal, response, tokens.scope(portal));
  if (!stepUp) return response;
  // Others may wait for a sign-in that does not ask for this: then it is asked for afterwards.
  const joined = waitingRequests.challengeOf(portal)?.record.asked;
  const isOther = joined !== undefined && JSON.stringify(joined) !== JSON.stringify(stepUp.parameters);
  return signIn(response, replayable, context, services, stepUp, isOther);
}

const statusOf = (
  response: Response,
  { target, url }: RequestContext,
  isSigned: boolean,
): Promise<AuthStatus> => {
  const { kind, refusalStatuses } = target.portal;
  return classifyResponse(response, { kind, refusalStatuses, url, isSigned });
};

/** A portal that cannot be asked is a network failure to the page: nothing is lost, the next request tries again. */
async function asNetworkError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof TokenEndpointUnavailable ? new NetworkFailure() : error;
  }
}

const withTimeout = <T>(work: Promise<T>): Promise<T | undefined> =>
  Promise.race([work, new Promise<undefined>((resolve) => setTimeout(resolve, DISCOVERY_MS, undefined))]);
