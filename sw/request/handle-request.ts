/** The path of one request: credential, place, send, judge, recover. Read it top-down. */
import { NoVerdict } from '../oauth/token-response.js';
import type { Challenges } from '../sign-in/challenges.js';
import type { CredentialManager } from '../tokens/token-manager.js';
import type { Portal } from '../portals/portal.js';
import type { Claim } from '../portals/portal-index.js';
import type { AnonymousAccess } from './anonymous-access.js';
import type { ConfirmedTokens } from './confirmed-tokens.js';
import { judge, type Verdict } from './classify-response.js';
import { readOutgoing, type Outgoing } from './replayable-request.js';
import { canBeSigned, hasOwnToken, isBetterRead } from './attach-token.js';
import type { Refusals } from './refusals.js';
import { NetworkFailure, sendPlain } from './send-request.js';
import type { SignedRequests } from './signed.js';
import type { WebTier } from '../parts/web-tier.js';

/** What the path of a request needs of the rest of the worker. */
export interface Path {
  readonly credentials: CredentialManager;
  readonly challenges: Challenges;
  readonly anonymous: AnonymousAccess;
  readonly confirmed: ConfirmedTokens;
  readonly refusals: Refusals;
  readonly signed: SignedRequests;
  readonly webTier: WebTier;
  /** Longest wait for a person in one event, in ms. */
  readonly holdLimitMs: number;
}

/** One request on its way, and what was done to it. */
export interface Passage {
  readonly request: Request;
  readonly url: URL;
  readonly claim: Claim;
  /** Client id of the page or worker that asked. */
  readonly asker: string;
  /** Keeps the worker alive for work that outlives the answer. */
  readonly extend: (work: Promise<unknown>) => void;
  readonly trace: { isSigned: boolean; refreshed: boolean; waited: boolean };
  /** How often the person had signed out of the portal when the request came. */
  readonly signOuts?: number;
}

/**
 * Answers a request that a registration owns.
 *
 * @throws {@link NetworkFailure} or an AbortError where the page would have met one.
 */
export async function answer(passage: Passage, path: Path): Promise<Response> {
  return answerOutgoing(await readOutgoing(passage.request, passage.url), passage, path);
}

/**
 * Answers a request to an ArcGIS Server of which it is not known yet whether one of our portals owns it.
 * Public servers of others must not wait for us: it is sent as it is, and the owner is asked for when it is refused.
 *
 * @param findClaim - Asks the server who owns it.
 */
export async function answerUnknown(
  stranger: Omit<Passage, 'claim'>,
  findClaim: () => Promise<Claim | undefined>,
  path: Path,
): Promise<Response> {
  const { request, url, extend } = stranger;
  const outgoing = await readOutgoing(request, url);
  if (outgoing.isOneShot || (outgoing.body !== undefined && (await hasOwnToken(outgoing))))
    return sendPlain(outgoing);
  if (request.mode === 'no-cors') {
    const claim = outgoing.body === undefined ? await inTime(findClaim()) : undefined;
    return claim ? answerOutgoing(outgoing, { ...stranger, claim }, path) : sendPlain(outgoing);
  }
  const response = await sendPlain(outgoing);
  if ((await judge(response, { kind: 'arcgis', url, isSigned: false })) === 'fine') {
    extend(findClaim());
    return response;
  }
  const claim = await findClaim();
  if (!claim) return response;
  return signIn(response, await admitted(outgoing, claim, path), { ...stranger, claim }, path);
}

/** How long a picture waits for word on whose its server is, in ms: a server of others may never give it. */
const STRANGER_MS = 3_000;

const inTime = <T>(word: Promise<T>): Promise<T | undefined> =>
  Promise.race([word, new Promise<undefined>((resolve) => setTimeout(resolve, STRANGER_MS, undefined))]);

async function answerOutgoing(page: Outgoing, arrived: Passage, path: Path): Promise<Response> {
  const { claim, url, extend } = arrived;
  const passage: Passage = { ...arrived, signOuts: path.credentials.signOuts(claim.portal) };
  if (!canBeSigned(page, claim.portal) && !isBetterRead(page, claim.portal)) return sendPlain(page);
  if (page.body !== undefined && (await hasOwnToken(page))) return sendPlain(page);
  const outgoing = unshared(claim.portal.webTier ? await admitted(page, claim, path) : page, claim.portal);
  const token = path.credentials.fresh(claim, extend) ?? (await tokenOf(path, claim));
  // What is sent once only gets the server's own answer, whatever it is.
  if (outgoing.isOneShot)
    return token === undefined ? sendPlain(outgoing) : sendWith(token, outgoing, passage, path);
  if (token === undefined) return answerUnsigned(outgoing, passage, path);
  if (!(await isTaken(token, outgoing, passage, path)))
    return recover(undefined, token, outgoing, passage, path);
  // A refusal may lie in the browser's cache: whether it still stands is for the server to say.
  const isRefused = path.refusals.has(url, token);
  const sent = isRefused
    ? { ...outgoing, changes: { ...outgoing.changes, cache: 'reload' as const } }
    : outgoing;
  const response = await sendWith(token, sent, passage, path);
  if (response.type === 'opaque') return response;
  if ((await verdictOf(response, passage, true)) !== 'fine')
    return recover(response, token, outgoing, passage, path);
  path.confirmed.confirm(claim, token);
  return response;
}

/** An opaque answer cannot be judged: a token that no readable answer has vouched for lately is tried on one first. */
function isTaken(token: string, outgoing: Outgoing, passage: Passage, path: Path): true | Promise<boolean> {
  const { portal } = passage.claim;
  const isReadable = outgoing.request.mode !== 'no-cors' || isBetterRead(outgoing, portal);
  if (isReadable || outgoing.body !== undefined) return true;
  return path.confirmed.isTaken(passage.claim, token, async () => {
    // A server that forbids reading (CORS) tells nothing.
    const answered = await path.signed.trial(token, outgoing, portal).catch(() => undefined);
    const verdict = answered ? await verdictOf(answered, passage, true) : 'fine';
    discard(answered);
    return verdict === 'fine';
  });
}

/** The server refused the token: renew it and send once more; its second answer is the page's. */
async function recover(
  refusal: Response | undefined,
  refused: string,
  outgoing: Outgoing,
  passage: Passage,
  path: Path,
): Promise<Response> {
  const { claim, url, trace } = passage;
  // A service that refused a token when it was new does so again: nothing is gained by another.
  if (path.refusals.has(url, refused)) return answerWithout(refusal, outgoing, passage);
  const renewed = await networkBound(path.credentials.renew(claim, refused));
  // A bad token is worse than none: a public layer refuses it, and shows itself to everybody.
  if (renewed === undefined) {
    discard(refusal);
    return answerUnsigned(outgoing, passage, path);
  }
  discard(refusal);
  trace.refreshed = true;
  if (!(await isTaken(renewed, outgoing, passage, path))) path.refusals.note(url, renewed);
  const response = await sendWith(renewed, outgoing, passage, path);
  if (response.type === 'opaque') return response;
  if ((await verdictOf(response, passage, true)) === 'fine') path.confirmed.confirm(claim, renewed);
  else path.refusals.note(url, renewed);
  return response;
}

/** Shows what is public of a service that takes no token of ours; where nothing is, its refusal stands. */
async function answerWithout(
  refusal: Response | undefined,
  outgoing: Outgoing,
  passage: Passage,
): Promise<Response> {
  const response = await sendPlain(outgoing);
  if (!refusal || (await verdictOf(response, passage, false)) === 'fine') {
    discard(refusal);
    return response;
  }
  discard(response);
  return refusal;
}

/** Nobody is signed in: what is public is shown; for the rest a person is asked. */
async function answerUnsigned(outgoing: Outgoing, passage: Passage, path: Path): Promise<Response> {
  const { claim, request } = passage;
  if (request.mode === 'no-cors') {
    // An opaque answer cannot be judged: one that can be read tells beforehand.
    const isOpen = outgoing.body !== undefined || (await path.anonymous.isOpen(outgoing, claim.portal.kind));
    return isOpen ? sendPlain(outgoing) : signIn(undefined, outgoing, passage, path);
  }
  const response = await sendPlain(outgoing);
  const verdict = await verdictOf(response, passage, false);
  return verdict === 'fine' ? response : signIn(response, outgoing, passage, path);
}

/** Waits for a person, then sends the request as if they had been signed in all along. */
async function signIn(
  refusal: Response | undefined,
  outgoing: Outgoing,
  passage: Passage,
  path: Path,
): Promise<Response> {
  const { claim, asker, request } = passage;
  // Somebody may have signed in while this request was under way.
  let token = await tokenOf(path, claim);
  // Who has just signed out is not asked to sign in by what was still under way.
  const hasLeft =
    passage.signOuts !== undefined && passage.signOuts !== path.credentials.signOuts(claim.portal);
  if (token === undefined && !hasLeft && path.credentials.info(claim.portal) === undefined) {
    passage.trace.waited = true;
    const limit = request.redirect === 'follow' ? path.holdLimitMs : Infinity;
    const outcome = await path.challenges.awaitSignIn(claim.portal, asker, request.signal, limit);
    // The browser sends the same request again, in an event with a limit of its own; the page notices nothing.
    if (outcome === 'held-too-long') return Response.redirect(request.url, 307);
    if (outcome === 'signed-in') token = await tokenOf(path, claim);
  }
  // The answer that the page would have got without us.
  if (token === undefined) return refusal ?? sendPlain(outgoing);
  discard(refusal);
  return sendWith(token, outgoing, passage, path);
}

/**
 * The browser's cache does not tell users apart by their Authorization header: what another one has left there is not
 * taken without asking the server (S11). A token in a query is part of the key.
 */
function unshared(outgoing: Outgoing, { tokenPlacement }: Portal): Outgoing {
  const { cache, method } = outgoing.request;
  const isCached =
    (method === 'GET' || method === 'HEAD') && (cache === 'default' || cache === 'force-cache');
  const isShared = tokenPlacement === 'header' && isCached;
  return isShared ? { ...outgoing, changes: { ...outgoing.changes, cache: 'no-cache' } } : outgoing;
}

/** The request with the browser's own credentials, where a web tier wants them. */
const admitted = async (outgoing: Outgoing, { portal }: Claim, { webTier }: Path): Promise<Outgoing> =>
  portal.webTier ? webTier.admit(outgoing, portal) : outgoing;

function sendWith(token: string, outgoing: Outgoing, passage: Passage, path: Path): Promise<Response> {
  passage.trace.isSigned = true;
  return path.signed.send(token, outgoing, passage.claim.portal);
}

const tokenOf = (path: Path, claim: Claim): Promise<string | undefined> =>
  networkBound(path.credentials.token(claim));

const verdictOf = (response: Response, { claim, url }: Passage, isSigned: boolean): Promise<Verdict> =>
  judge(response, { kind: claim.portal.kind, url, isSigned });

/** A portal that gives no verdict is a network failure to the page: nothing is lost, the next request tries again. */
async function networkBound<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof NoVerdict ? new NetworkFailure() : error;
  }
}

/** Frees the connection of an answer nobody will read. */
function discard(response: Response | undefined): void {
  void response?.body?.cancel().catch(() => undefined);
}
