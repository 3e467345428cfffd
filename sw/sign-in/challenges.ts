/** The challenges of all portals: opened, found, settled. One open per portal at a time, and beside it a silent one. */
import { IdentityError, toWireError } from '../../protocol/identity-error.js';
import type { ChallengeOutcome, CodeRequired } from '../../protocol/messages.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import type { ChallengeState, SignInParameters } from '../../protocol/worker-api.js';
import { authorizationUrlOf } from '../oauth/authorization-request.js';
import type { StepUp } from '../oauth/authorization-server.js';
import { randomText } from '../oauth/pkce.js';
import type { PortalIndex } from '../portals/portal-index.js';
import { fingerprintOf, type Portal } from '../portals/portal.js';
import { broadcast, clientIds } from '../rpc/clients.js';
import type { ChallengeRecord } from '../storage/records.js';
import type { ChallengeRecords } from './challenge-records.js';

/** An open challenge older than this is not joined by a new `signIn`: its sign-in page may have expired. In ms. */
const JOINABLE_MS = 10 * 60_000;

/** How a challenge ends. */
export interface Settlement {
  readonly outcome: ChallengeOutcome;
  readonly reason?: IdentityError;
  /** `false` where the pages that are open now may be prompted again. Default: they are not, unless the user has signed in. */
  readonly isFinal?: boolean;
}

/** An open challenge with the URL that the user is sent to. */
export interface OpenChallenge {
  readonly record: ChallengeRecord;
  readonly authorizationUrl: string;
}

/** What the challenges need of the requests that wait for them. */
export interface Waiters {
  /** The challenge that a portal's requests wait for. */
  challengeOf(portal: Portal): OpenChallenge | undefined;
  countOf(portal: Portal): number;
  end(portal: Portal, outcome: ChallengeOutcome): void;
}

/** Opens, finds and ends challenges. */
export class Challenges {
  readonly #opening = new Map<string, Promise<OpenChallenge>>();
  readonly #portalIndex: PortalIndex;
  readonly #records: ChallengeRecords;
  readonly #waiters: Waiters;
  readonly #scopeOf: (portal: Portal) => string | undefined;

  /** @param scopeOf - That the user has signed in with where it is more than the registered one. */
  constructor(
    portalIndex: PortalIndex,
    records: ChallengeRecords,
    waiters: Waiters,
    scopeOf: (portal: Portal) => string | undefined,
  ) {
    this.#portalIndex = portalIndex;
    this.#records = records;
    this.#waiters = waiters;
    this.#scopeOf = scopeOf;
  }

  /** Opens a challenge because the user wants to sign in, or joins the one that is open. A silent one stands beside it. */
  async begin(portal: Portal, parameters: SignInParameters = {}): Promise<CodeRequired> {
    const challenge = parameters.silent
      ? await this.#open(portal, 0, this.#sameScope(portal), true)
      : (this.#waiters.challengeOf(portal) ?? (await this.open(portal, JOINABLE_MS)));
    const { state, codeVerifier, asked } = challenge.record;
    const isPlain = Object.values(parameters).every((value) => value === undefined || value === false);
    return {
      ...toCodeRequired(challenge, portal),
      ...(!isPlain &&
        codeVerifier !== undefined && {
          authorizationUrl: await authorizationUrlOf(portal, state, codeVerifier, parameters, asked),
        }),
      reason: 'requested',
      waitingRequests: this.#waiters.countOf(portal),
    };
  }

  /** The user cancelled. The pages that are open now are not prompted for this portal again. */
  async cancel(challengeId: string): Promise<void> {
    const record = await this.#records.byId(challengeId);
    const portal = record && this.#portalIndex.byUrl(record.portal);
    if (!portal || record.phase !== 'open') return;
    const reason = new IdentityError('challenge-cancelled', { origin: new URL(portal.url).origin });
    await this.close(record, portal, { outcome: 'cancelled', reason });
  }

  /** Where a challenge stands. */
  async state(challengeId: string): Promise<ChallengeState> {
    return (await this.#records.byId(challengeId))?.phase ?? 'unknown';
  }

  /**
   * The open challenge of a portal, or a new one; shared by everybody who asks at once.
   *
   * @param joinableMs - Greatest age of one that is joined, in ms.
   * @param stepUp - What an API asks for.
   * @throws where the user has been asked for the same, or for enough, a while ago.
   */
  open(portal: Portal, joinableMs = Infinity, stepUp?: StepUp): Promise<OpenChallenge> {
    const pending = this.#opening.get(portal.url);
    if (pending) return pending;
    const opening = this.#open(portal, joinableMs, stepUp).finally(() => this.#opening.delete(portal.url));
    this.#opening.set(portal.url, opening);
    return opening;
  }

  /** Ends a challenge for everybody: the record, the pages, the waiting requests. */
  async close(record: ChallengeRecord, portal: Portal, settlement: Settlement): Promise<void> {
    const { outcome } = settlement;
    await this.settle(record, portal, settlement);
    if (record.isSilent) {
      if (outcome !== 'signed-in') return;
      // A user who is being prompted need not sign in any more.
      const prompted = await this.#records.of(portal);
      if (prompted?.phase === 'open') await this.settle(prompted, portal, { outcome });
    }
    this.#waiters.end(portal, outcome);
  }

  /** Ends a challenge for the record and the pages; its requests may go on waiting for another one. */
  async settle(
    record: ChallengeRecord,
    portal: Portal,
    { outcome, reason, isFinal = true }: Settlement,
  ): Promise<void> {
    const { codeVerifier: _, ...withoutVerifier } = record;
    const dismissedBy = outcome === 'signed-in' || !isFinal ? [] : await clientIds();
    const error = reason && toWireError(reason);
    const told = record.returnTo && error ? { reason: error } : {};
    await this.#records.replace(record, { ...withoutVerifier, ...told, phase: outcome, dismissedBy });
    await broadcast({
      type: 'identity:challenge-settled',
      challengeId: record.id,
      portal: portal.url,
      outcome,
      ...(error ? { error } : {}),
    });
  }

  /** A silent sign-in of the same user must not lose what they have signed in for. */
  #sameScope(portal: Portal): StepUp | undefined {
    const scope = this.#scopeOf(portal);
    return scope === undefined ? undefined : { parameters: { scope } };
  }

  async #open(portal: Portal, joinableMs: number, stepUp?: StepUp, isSilent?: true): Promise<OpenChallenge> {
    for (;;) {
      const current = await this.#records.of(portal, isSilent);
      const ageMs = Date.now() - (current?.madeAtMs ?? 0);
      const isJoinable =
        current?.phase === 'open' &&
        current.fingerprint === fingerprintOf(portal) &&
        ageMs >= 0 &&
        ageMs < joinableMs &&
        current.codeVerifier !== undefined &&
        (!stepUp || JSON.stringify(current.asked) === JSON.stringify(stepUp.parameters));
      const codeVerifier = (isJoinable && current.codeVerifier) || randomText();
      const earlier = current?.stepUps;
      const stepUps = !isJoinable && stepUp?.note ? stepUp.note(earlier) : earlier;
      const record: ChallengeRecord = isJoinable
        ? current
        : {
            id: crypto.randomUUID(),
            portal: portal.url,
            fingerprint: fingerprintOf(portal),
            state: randomText(),
            codeVerifier,
            madeAtMs: Date.now(),
            phase: 'open',
            ...(isSilent ? { isSilent } : {}),
            ...(stepUp && { asked: stepUp.parameters }),
            ...(stepUps && { stepUps }),
          };
      const authorizationUrl = await authorizationUrlOf(portal, record.state, codeVerifier, {}, record.asked);
      // Another worker or tab may have opened one meanwhile: then that one is taken.
      if (isJoinable || (await this.#records.replace(current, record))) return { record, authorizationUrl };
    }
  }
}

/** What pages are told of a challenge. */
export function toCodeRequired(
  { record: { id }, authorizationUrl }: OpenChallenge,
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
