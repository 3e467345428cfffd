/** Raises a challenge, lets requests wait for it, takes its answer, and picks it up again after a restart of the worker. */
import { authorizationErrorCode } from '../../protocol/authorization-response.js';
import type { CredentialInfo } from '../../protocol/credential-info.js';
import { identityError, isIdentityError, toWireError, type IdentityError } from '../../protocol/errors.js';
import type { ChallengeOutcome, CodeRequired } from '../../protocol/messages.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import type {
  ChallengeState,
  AuthorizationCodeResponse,
  AuthorizationErrorResponse,
  SignInParameters,
} from '../../protocol/worker-api.js';
import type { Audience } from '../rpc/client-presence.js';
import { choosePage, clientIds, isAlive, standIn, tell, tellAll } from './select-page.js';
import type { CredentialManager } from '../tokens/token-manager.js';
import type { ChallengeRecord, Store } from '../storage/database.js';
import { buildAuthorizationRequest, checkIssuer } from '../oauth/authorization-request.js';
import { withSignInParameters } from '../oauth/wish.js';
import type { Seals } from '../storage/key-ring.js';
import { GrantRefused, NoVerdict } from '../oauth/token-response.js';
import { contextOf } from '../storage/additional-data.js';
import { isComeBackTo } from '../parts/redirect-return.js';
import { isHomeOfAnother } from './mix-up.js';
import { fingerprintOf, type Portal } from '../portals/portal.js';
import type { Registry } from '../portals/portal-index.js';

/** How often a waiting challenge looks whether the asked page is still there, in ms. */
const WATCH_MS = 1_000;

/** An open challenge older than this is not joined by a new `signIn`: its sign-in page may have expired. In ms. */
const JOINABLE_MS = 10 * 60_000;

/** How often one challenge may go wrong at the token endpoint before the waiting requests get the portal's answer. */
const MAX_ATTEMPTS = 3;

/** A portal whose requests wait for a person, in this boot of the worker. */
interface Waiting {
  readonly portal: Portal;
  readonly ended: Promise<ChallengeOutcome>;
  readonly end: (outcome: ChallengeOutcome) => void;
  record: ChallengeRecord;
  attempts: number;
  requests: number;
  askedPage: string | undefined;
  /** Choosing a page takes a moment: requests that come meanwhile share the choice. */
  asking: Promise<boolean> | undefined;
}

/** The challenges of all portals: one open per portal at a time. */
export class Challenges {
  readonly #waiting = new Map<string, Waiting>();
  readonly #opening = new Map<string, Promise<ChallengeRecord>>();
  readonly #redeeming = new Map<string, Promise<CredentialInfo>>();

  constructor(
    private readonly registry: Registry,
    private readonly store: Store,
    private readonly credentials: CredentialManager,
    private readonly seals: Seals,
    private readonly audience: Audience,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /**
   * Holds a request until a person has signed in to its portal.
   *
   * @param asker - Client id of the request, '' where the browser does not name one.
   * @param signal - Of the request.
   * @param holdLimitMs - Longest wait in one event of the browser.
   * @returns `signed-in`; `held-too-long` while it goes on; or how it ended otherwise: the request then gets the portal's own answer.
   */
  async awaitSignIn(
    portal: Portal,
    asker: string,
    signal: AbortSignal,
    holdLimitMs: number,
  ): Promise<ChallengeOutcome | 'held-too-long'> {
    const stored = await this.store.challenge(portal.url).catch(() => undefined);
    if (stored && (await this.#isDismissed(stored, asker))) return 'cancelled';
    let waiting: Waiting;
    try {
      waiting = this.#waiting.get(portal.url) ?? (await this.#startWaiting(portal));
    } catch {
      // No sign-in page to send anybody to (its address is unknown, or the database fails).
      return 'failed';
    }
    waiting.requests += 1;
    try {
      if (!(await this.#askSomePage(waiting, asker))) return 'cancelled';
      return await this.#untilEnded(waiting, asker, signal, holdLimitMs);
    } finally {
      waiting.requests -= 1;
    }
  }

  /** Opens a challenge because the person wants to sign in, or joins the one that is open. A silent one stands beside it. */
  async begin(portal: Portal, parameters: SignInParameters = {}): Promise<CodeRequired> {
    const waiting = this.#waiting.get(portal.url);
    const record = parameters.silent
      ? await this.#openRecord(portal, 0, true)
      : (waiting?.record ?? (await this.#open(portal, JOINABLE_MS)));
    const challenge = toCodeRequired(record, portal);
    return {
      ...challenge,
      authorizationUrl: withSignInParameters(challenge.authorizationUrl, portal.kind, parameters),
      reason: 'requested',
      waitingRequests: waiting?.requests ?? 0,
    };
  }

  /**
   * Redeems an authorization code.
   *
   * @param callId - Names the page's call; its repetition after a restart of the worker is answered like the first.
   * @throws ChallengeError `authorization-url-unknown`, `code-missing`, `code-reused`, `code-refused`, `sign-in-interrupted`, `issuer-mismatch`.
   * @throws PortalError `portal-unreachable`.
   */
  async submitCode(answer: AuthorizationCodeResponse, callId: string): Promise<CredentialInfo> {
    const record = await this.#find(answer);
    const portal = record && this.registry.portal(record.portal);
    if (!record || !portal || record.fingerprint !== fingerprintOf(portal))
      throw identityError('authorization-url-unknown');
    if (record.phase !== 'open') return this.#answerRepetition(record, portal, callId);
    const code = answer.code.trim();
    if (code === '') throw identityError('code-missing');
    const redemption = this.#redeem(portal, record, { ...answer, code }, callId);
    this.#redeeming.set(record.id, redemption);
    try {
      return await redemption;
    } finally {
      this.#redeeming.delete(record.id);
    }
  }

  /**
   * Takes an authorization error response: the person declined, or the portal would not.
   *
   * @throws ChallengeError `authorization-url-unknown` for an unknown state, `issuer-mismatch`.
   * @see RFC 6749 §4.1.2.1, RFC 9207 §2.4
   */
  async submitError({ error, state, iss, redirectUri }: AuthorizationErrorResponse): Promise<void> {
    const record = await this.#find({ code: '', state });
    const portal = record && this.registry.portal(record.portal);
    if (!portal || record.phase !== 'open') throw identityError('authorization-url-unknown');
    const origin = new URL(portal.url).origin;
    await checkIssuer(portal, iss);
    if (isHomeOfAnother(redirectUri, portal, this.registry.portals))
      throw identityError('issuer-mismatch', { origin });
    const oauthError = /^[\w.-]{1,64}$/.test(error) ? error : 'unnamed';
    // OpenID Connect Core §3.1.2.6: it would have had to ask.
    const isSilenced = /^(login|interaction|consent|account_selection)_required$/.test(error);
    const code = isSilenced ? 'login-required' : authorizationErrorCode(error);
    const reason = identityError(code, {
      origin,
      ...(code === 'authorization-failed' ? { oauthError } : {}),
    });
    await this.#close(record, portal, error === 'access_denied' ? 'cancelled' : 'failed', reason);
  }

  /** The person gave up. Nobody is asked for this portal again until they act. */
  async cancel(challengeId: string): Promise<void> {
    const record = await this.#byId(challengeId);
    const portal = record && this.registry.portal(record.portal);
    if (!portal || record.phase !== 'open') return;
    await this.#close(
      record,
      portal,
      'cancelled',
      identityError('challenge-cancelled', { origin: new URL(portal.url).origin }),
    );
  }

  /** Where a challenge stands. */
  async state(challengeId: string): Promise<ChallengeState> {
    return (await this.#byId(challengeId))?.phase ?? 'unknown';
  }

  /** A page has spoken: it can answer. If nobody could before, it is asked now. */
  async connect(clientId: string): Promise<void> {
    this.audience.heard(clientId);
    for (const waiting of this.#waiting.values()) {
      // Whoever waited has left: nobody is asked for nothing.
      if (waiting.requests === 0) continue;
      const isAskedAgain = waiting.askedPage === clientId;
      if (isAskedAgain || waiting.askedPage === undefined || !(await isAlive(waiting.askedPage)))
        await this.#ask(waiting, clientId);
    }
  }

  /** A challenge that this boot of the worker waits for, opened or picked up from the store. */
  async #startWaiting(portal: Portal): Promise<Waiting> {
    const record = await this.#open(portal, Infinity);
    const rival = this.#waiting.get(portal.url);
    if (rival) return rival;
    let end: (outcome: ChallengeOutcome) => void = () => undefined;
    const ended = new Promise<ChallengeOutcome>((resolve) => {
      end = resolve;
    });
    const waiting: Waiting = {
      portal,
      ended,
      end,
      record,
      attempts: 1,
      requests: 0,
      askedPage: undefined,
      asking: undefined,
    };
    this.#waiting.set(portal.url, waiting);
    return waiting;
  }

  /** The open record of a portal, or a new one; shared by everybody who asks at once. */
  #open(portal: Portal, joinableMs: number): Promise<ChallengeRecord> {
    const pending = this.#opening.get(portal.url);
    if (pending) return pending;
    const opening = this.#openRecord(portal, joinableMs).finally(() => this.#opening.delete(portal.url));
    this.#opening.set(portal.url, opening);
    return opening;
  }

  async #openRecord(portal: Portal, joinableMs: number, isSilent?: true): Promise<ChallengeRecord> {
    for (;;) {
      const current = await this.store.challenge(portal.url, isSilent);
      const isJoinable =
        current?.phase === 'open' &&
        current.fingerprint === fingerprintOf(portal) &&
        this.now() - current.madeAtMs < joinableMs &&
        (await this.#codeVerifier(portal, current)) !== undefined;
      if (isJoinable) return current;
      const { codeVerifier, ...request } = await buildAuthorizationRequest(portal);
      const facts: ChallengeRecord = {
        ...request,
        id: crypto.randomUUID(),
        portal: portal.url,
        fingerprint: fingerprintOf(portal),
        madeAtMs: this.now(),
        phase: 'open',
        ...(isSilent ? { isSilent } : {}),
      };
      const seal = await this.seals.of(portal.persistence);
      const record = { ...facts, sealed: await seal.seal(codeVerifier, contextOf(facts)) };
      // Another worker or tab may have opened one meanwhile: then that one is taken.
      if (await this.store.replaceChallenge(current, record)) return record;
    }
  }

  async #codeVerifier(portal: Portal, record: ChallengeRecord): Promise<string | undefined> {
    const seal = await this.seals.of(record.sealedBy ?? portal.persistence);
    const verifier = record.sealed && (await seal.unseal(record.sealed, contextOf(record)))?.value;
    return typeof verifier === 'string' ? verifier : undefined;
  }

  async #byId(challengeId: string): Promise<ChallengeRecord | undefined> {
    return (await this.store.challenges()).find(({ id }) => id === challengeId);
  }

  /** Matches by the state, which the authorization URL holds too (out of band); an app may have added to that URL. */
  async #find({ state, authorizationUrl }: AuthorizationCodeResponse): Promise<ChallengeRecord | undefined> {
    const found = state ?? stateOf(authorizationUrl);
    return (await this.store.challenges()).find((record) => record.state === found);
  }

  async #answerRepetition(record: ChallengeRecord, portal: Portal, callId: string): Promise<CredentialInfo> {
    if (record.phase === 'cancelled' || record.phase === 'failed')
      throw identityError('authorization-url-unknown');
    if (record.callId !== callId) throw identityError('code-reused');
    const pending = this.#redeeming.get(record.id);
    if (pending) return pending;
    const info = this.credentials.info(portal);
    if (record.phase === 'signed-in' && info) return info;
    // The worker was stopped after the code left: nobody knows whether it arrived, and it must not be sent twice.
    const reason = identityError('sign-in-interrupted', { origin: new URL(portal.url).origin });
    await this.#close(record, portal, 'failed', reason, false);
    throw reason;
  }

  async #redeem(
    portal: Portal,
    record: ChallengeRecord,
    answer: AuthorizationCodeResponse,
    callId: string,
  ): Promise<CredentialInfo> {
    const codeVerifier = await this.#codeVerifier(portal, record);
    const { sealed: _, ...withoutVerifier } = record;
    const redeeming: ChallengeRecord = { ...withoutVerifier, phase: 'redeeming', callId };
    // Written before the code is sent; the database lets one of two tabs through.
    if (!(await this.store.replaceChallenge(record, redeeming))) throw identityError('code-reused');
    const origin = new URL(portal.url).origin;
    try {
      if (codeVerifier === undefined) throw identityError('sign-in-interrupted', { origin });
      if (isHomeOfAnother(answer.redirectUri, portal, this.registry.portals))
        throw identityError('issuer-mismatch', { origin });
      const tokens = await portal.dialect.exchangeCode(portal, {
        code: answer.code,
        state: answer.state,
        iss: answer.iss,
        request: { state: record.state, codeVerifier },
      });
      const info = await this.credentials.save(portal, tokens);
      await this.#close(redeeming, portal, 'signed-in');
      return info;
    } catch (error) {
      const reason = reasonOf(error, origin);
      if (error instanceof GrantRefused || error instanceof NoVerdict)
        await this.#askAnew(redeeming, portal, reason);
      else await this.#close(redeeming, portal, 'failed', reason);
      throw reason;
    }
  }

  /** The code was refused (mistyped, too late) or the portal out of reach: the waiting requests wait for a new code, a few times. */
  async #askAnew(record: ChallengeRecord, portal: Portal, reason: IdentityError): Promise<void> {
    const waiting = this.#waiting.get(portal.url);
    // A page that has departed is told of the end when it is come back to; what it waited for has gone with it.
    const isGoingOn =
      waiting && waiting.requests > 0 && waiting.attempts < MAX_ATTEMPTS && record.from === undefined;
    // There before anyone is told of the end: who begins anew joins it.
    const next = isGoingOn ? await this.#open(portal, Infinity).catch(() => undefined) : undefined;
    if (!waiting || !next) {
      await this.#close(record, portal, 'failed', reason);
      return;
    }
    waiting.attempts += 1;
    waiting.record = next;
    await this.#settle(record, portal, 'failed', reason, false);
    await this.#ask(waiting, waiting.askedPage ?? '');
  }

  /** Ends a challenge for everybody: the record, the waiting requests, the pages. */
  async #close(
    record: ChallengeRecord,
    portal: Portal,
    outcome: ChallengeOutcome,
    reason?: IdentityError,
    isFinal = true,
  ): Promise<void> {
    await this.#settle(record, portal, outcome, reason, isFinal);
    if (record.isSilent) {
      if (outcome !== 'signed-in') return;
      // Whoever is being asked need not answer any more.
      const asked = await this.store.challenge(portal.url).catch(() => undefined);
      if (asked?.phase === 'open') await this.#settle(asked, portal, outcome, undefined, true);
    }
    this.#waiting.get(portal.url)?.end(outcome);
    this.#waiting.delete(portal.url);
  }

  async #settle(
    record: ChallengeRecord,
    portal: Portal,
    outcome: ChallengeOutcome,
    reason: IdentityError | undefined,
    isFinal: boolean,
  ): Promise<void> {
    const { sealed: _, ...withoutVerifier } = record;
    const dismissedBy = outcome === 'signed-in' || !isFinal ? [] : await clientIds();
    const told = record.from && reason ? { reason: toWireError(reason) } : {};
    // Without a database the outcome still reaches everybody who waits now.
    await this.store
      .replaceChallenge(record, { ...withoutVerifier, ...told, phase: outcome, dismissedBy })
      .catch(() => undefined);
    await tellAll({
      type: 'identity:challenge-settled',
      challengeId: record.id,
      portal: portal.url,
      outcome,
      ...(reason ? { error: toWireError(reason) } : {}),
    });
  }

  /** Whether the person gave this portal up in the page that asks; a reloaded page is a new one. */
  async #isDismissed(record: ChallengeRecord, asker: string): Promise<boolean> {
    const { phase, dismissedBy = [] } = record;
    if (phase !== 'cancelled' && phase !== 'failed') return false;
    // The page that is being come back to: the person gave up at the portal.
    if (await isComeBackTo(record, asker)) return true;
    if (asker !== '') return dismissedBy.includes(asker);
    const alive = await clientIds();
    return dismissedBy.some((id) => alive.includes(id));
  }

  /** @returns Whether there is a page that has been asked. */
  async #askSomePage(waiting: Waiting, asker: string): Promise<boolean> {
    const { askedPage } = waiting;
    if (askedPage === undefined || this.audience.isStranger(askedPage) || !(await isAlive(askedPage)))
      return this.#ask(waiting, asker);
    // A frozen page lives, and shows nobody anything.
    const next =
      this.audience.isSilent(askedPage) &&
      (await standIn(askedPage, this.audience, waiting.portal.redirectUri));
    return next ? this.#ask(waiting, next) : true;
  }

  #ask(waiting: Waiting, asker: string): Promise<boolean> {
    waiting.asking ??= this.#askOnce(waiting, asker).finally(() => {
      waiting.asking = undefined;
    });
    return waiting.asking;
  }

  async #askOnce(waiting: Waiting, asker: string): Promise<boolean> {
    const page = await choosePage(asker, this.audience, waiting.portal.redirectUri);
    waiting.askedPage = page?.id;
    if (!page) return false;
    this.audience.asked(page.id);
    const message = {
      type: 'identity:code-required',
      ...toCodeRequired(waiting.record, waiting.portal),
      reason: this.credentials.hasEnded(waiting.portal) ? 'expired' : 'signed-out',
      waitingRequests: waiting.requests,
    } as const;
    tell(page, { ...message, asked: true });
    // The others show nothing, and may answer all the same.
    await tellAll({ ...message, asked: false }, page.id);
    return true;
  }

  async #untilEnded(
    waiting: Waiting,
    asker: string,
    signal: AbortSignal,
    holdLimitMs: number,
  ): Promise<ChallengeOutcome | 'held-too-long'> {
    let stop: () => void = () => undefined;
    const interrupted = new Promise<ChallengeOutcome | 'held-too-long'>((resolve, reject) => {
      // A timer of infinite length would fire at once.
      const limit = Number.isFinite(holdLimitMs)
        ? setTimeout(() => resolve('held-too-long'), holdLimitMs)
        : undefined;
      const timer = setInterval(() => {
        void isAlive(asker).then(async (alive) => {
          if (!alive) resolve('cancelled');
          else if (!(await this.#askSomePage(waiting, asker))) resolve('cancelled');
        });
      }, WATCH_MS);
      const abort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      stop = () => {
        clearInterval(timer);
        clearTimeout(limit);
        signal.removeEventListener('abort', abort);
      };
      if (signal.aborted) abort();
    });
    try {
      return await Promise.race([waiting.ended, interrupted]);
    } finally {
      stop();
    }
  }
}

function toCodeRequired(
  { id, authorizationUrl }: ChallengeRecord,
  { url, name, redirectUri }: Portal,
): CodeRequired {
  return {
    challengeId: id,
    portal: url,
    portalName: name,
    authorizationUrl,
    outOfBand: redirectUri === OUT_OF_BAND,
  };
}

const stateOf = (authorizationUrl = ''): string | null =>
  URL.canParse(authorizationUrl) ? new URL(authorizationUrl).searchParams.get('state') : null;

function reasonOf(error: unknown, origin: string): IdentityError {
  if (isIdentityError(error)) return error;
  if (error instanceof GrantRefused)
    return identityError('code-refused', { origin, oauthError: error.oauthError });
  if (error instanceof NoVerdict) return identityError('portal-unreachable', { origin });
  return identityError('internal-error');
}
