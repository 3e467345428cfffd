/** The path of one request: token, attach, send, classify, recover. Read it top-down. */
import type { TokenTarget } from '../portals/portal-index.js';
import type { AppTokens } from '../portals/portal.js';
import { hasOwnToken, mediaType } from './attach-token.js';
import { answerWithoutToken, patienceMs } from './answer-without-token.js';
import { classifyResponse } from './classify-response.js';
import { formNamesForeignAddress, namesForeignAddress, ownAddresses } from './named-addresses.js';
import { appOf, fallBackToAnonymous, signIn } from './prompt-user.js';
import { toReplayable, type ReplayableRequest } from './replayable-request.js';
import type {
  RequestContext,
  RequestServices,
  SignableContext,
  UnmatchedContext,
} from './request-context.js';
import { timed } from './request-trace.js';
import { discard, sendAnonymously } from './send-request.js';
import { rememberAcceptance, sendTraced, statusOf } from './send-traced.js';
import { withStepUp } from './with-step-up.js';
import { delayed, outliving, PATIENCE_MS, soon } from './token-in-time.js';

export type { RequestContext, RequestServices, UnmatchedContext } from './request-context.js';

/** How long a no-cors request waits for word on the portal of its server, in ms: a foreign server may never answer. */
const DISCOVERY_MS = 3_000;

/**
 * Handles a request that a registration matches.
 *
 * @throws {@link NetworkFailure} or an AbortError where the page would have met one.
 */
export async function handleRequest(context: RequestContext, services: RequestServices): Promise<Response> {
  const { request, url, trace } = context;
  return handleReplayable(await toReplayable(request, url, trace.recorder), context, services);
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
  const { request, url, waitUntil, trace } = unmatched;
  const { recorder } = trace;
  const replayable = await toReplayable(request, url, recorder);
  if (replayable.hasStreamBody || (replayable.body !== undefined && (await hasOwnToken(replayable))))
    return sendAnonymously(replayable);
  if (request.mode === 'no-cors') {
    const target =
      replayable.body === undefined ? await timed(trace, 'discovery', withTimeout(findTarget())) : undefined;
    return target && !(await namesForeign(replayable, target, services))
      ? handleReplayable(replayable, { ...unmatched, target }, services)
      : sendAnonymously(replayable);
  }
  const response = await sendAnonymously(replayable);
  if ((await classifyResponse(response, { kind: 'arcgis', url, isSigned: false, recorder })) === 'ok') {
    waitUntil(findTarget());
    return response;
  }
  const target = await timed(trace, 'discovery', findTarget());
  if (!target || (await namesForeign(replayable, target, services))) return response;
  if (target.portal.app) {
    discard(response);
    return handleReplayable(replayable, { ...unmatched, target }, services);
  }
  const prepared = await prepare(replayable, target, services);
  return signIn(response, prepared, signable({ ...unmatched, target }, services), services);
}

/** Why a request with a body is not signed. */
async function obstacleOf(
  original: ReplayableRequest,
  target: TokenTarget,
  services: RequestServices,
): Promise<'own-credential' | 'foreign-address' | undefined> {
  if (await hasOwnToken(original)) return 'own-credential';
  return (await namesForeign(original, target, services)) ? 'foreign-address' : undefined;
}

async function handleReplayable(
  original: ReplayableRequest,
  arrived: RequestContext,
  services: RequestServices,
): Promise<Response> {
  const { target } = arrived;
  const context = signable(arrived, services);
  const { recorder } = original;
  recorder?.add({ step: 'matched', portal: target.portal.url, server: target.serverRoot });
  const obstacle = original.body === undefined ? undefined : await obstacleOf(original, target, services);
  if (obstacle) {
    recorder?.add({ step: 'not-signed', reason: obstacle });
    return sendAnonymously(original);
  }
  const replayable = await prepare(original, target, services);
  const answer = await respond(replayable, context, services);
  return withStepUp(answer, replayable, context, services);
}

/** Sends a request that may be signed. */
async function respond(
  replayable: ReplayableRequest,
  context: SignableContext,
  services: RequestServices,
): Promise<Response> {
  const { target, url, waitUntil, trace } = context;
  const { tokens, memory } = services;
  const source = appOf(context, services) ?? tokens;
  const obtain = outliving(() => source.token(target), waitUntil);
  const token =
    source.cachedToken(target, waitUntil) ??
    (await timed(trace, 'token', soon(obtain(), patienceMs(context, services))));
  if (token === delayed) return answerWithoutToken(undefined, obtain, replayable, context, services);
  // A stream is sent once only: the page gets the server's own response, whatever it is.
  if (replayable.hasStreamBody)
    return token === undefined
      ? sendAnonymously(replayable)
      : sendTraced(token, replayable, context, services);
  if (token === undefined) return fallBackToAnonymous(replayable, context, services);
  // A refusal may lie in the browser's cache: the server says whether it still stands.
  const sent = memory.isRefusing(url, tokens.session(target.portal))
    ? { ...replayable, changes: { ...replayable.changes, cache: 'reload' as const } }
    : replayable;
  const response = await sendTraced(token, sent, context, services);
  const isAccepted = (await statusOf(response, context, true)) === 'ok';
  if (isAccepted) memory.accept(url, token);
  const answer = isAccepted
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
  const { target, url, trace, waitUntil } = context;
  const { memory, tokens } = services;
  const { portal } = target;
  // A service that rejected a token when it was new does so again: another one would not help.
  if (!memory.mayRenew(url, rejected, portal, tokens.session(portal))) {
    trace.recorder?.add({ step: 'not-renewed' });
    return publicOr(refusal, replayable, context);
  }
  const obtain = outliving(() => source.renew(target, rejected), waitUntil);
  const renewed = await timed(trace, 'renewal', soon(obtain(), PATIENCE_MS));
  if (renewed === delayed) return answerWithoutToken(refusal, obtain, replayable, context, services);
  discard(refusal);
  // A bad token is worse than none: a public layer rejects it, and is open without.
  if (renewed === undefined) return fallBackToAnonymous(replayable, context, services);
  trace.refreshed = true;
  trace.recorder?.add({ step: 'renewed' });
  const response = await sendTraced(renewed, replayable, context, services);
  await rememberAcceptance(response, renewed, context, services);
  return response;
}

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

const withTimeout = <T>(work: Promise<T>): Promise<T | undefined> =>
  Promise.race([work, new Promise<undefined>((resolve) => setTimeout(resolve, DISCOVERY_MS, undefined))]);
