/** The challenges of all portals, as they are stored: opened, found, settled. One open per portal at a time, and beside it a silent one. */
import { IdentityError, toWireError } from '../../protocol/identity-error.js';
import type { ChallengeOutcome, CodeRequired } from '../../protocol/messages.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import type { ChallengeState, SignInParameters } from '../../protocol/worker-api.js';
import { buildAuthorizationRequest, withSignInParameters } from '../oauth/authorization-request.js';
import type { PortalIndex } from '../portals/portal-index.js';
import { fingerprintOf, type Portal } from '../portals/portal.js';
import { broadcast, clientIds } from '../rpc/clients.js';
import { challengeAad } from '../storage/additional-data.js';
import type { ChallengeRecord, Database } from '../storage/database.js';
import type { KeyRing } from '../storage/key-ring.js';

/** An open challenge older than this is not joined by a new `signIn`: its sign-in page may have expired. In ms. */
const JOINABLE_MS = 10 * 60_000;

/** How a challenge ends. */
export interface Settlement {
  readonly outcome: ChallengeOutcome;
  readonly reason?: IdentityError;
  /** `false` where the pages that are open now may be prompted again. Default: they are not, unless the user has signed in. */
  readonly isFinal?: boolean;
}

/** What the challenges need of the requests that wait for them. */
export interface Waiters {
  /** The challenge that a portal's requests wait for. */
  recordOf(portal: Portal): ChallengeRecord | undefined;
  countOf(portal: Portal): number;
  end(portal: Portal, outcome: ChallengeOutcome): void;
}

/** Opens, finds and ends challenges. */
export class Challenges {
  readonly #opening = new Map<string, Promise<ChallengeRecord>>();

  constructor(
    private readonly portalIndex: PortalIndex,
    private readonly database: Database,
    private readonly keyRing: KeyRing,
    private readonly waiters: Waiters,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /** Opens a challenge because the user wants to sign in, or joins the one that is open. A silent one stands beside it. */
  async begin(portal: Portal, parameters: SignInParameters = {}): Promise<CodeRequired> {
    const record = parameters.silent
      ? await this.#openRecord(portal, 0, true)
      : (this.waiters.recordOf(portal) ?? (await this.open(portal, JOINABLE_MS)));
    const challenge = toCodeRequired(record, portal);
    return {
      ...challenge,
      authorizationUrl: withSignInParameters(challenge.authorizationUrl, portal, parameters),
      reason: 'requested',
      waitingRequests: this.waiters.countOf(portal),
    };
  }

  /** The user cancelled. The pages that are open now are not prompted for this portal again. */
  async cancel(challengeId: string): Promise<void> {
    const record = (await this.database.challenges()).find(({ id }) => id === challengeId);
    const portal = record && this.portalIndex.byUrl(record.portal);
    if (!portal || record.phase !== 'open') return;
    const reason = new IdentityError('challenge-cancelled', { origin: new URL(portal.url).origin });
    await this.close(record, portal, { outcome: 'cancelled', reason });
  }

  /** Where a challenge stands. */
  async state(challengeId: string): Promise<ChallengeState> {
    return (await this.database.challenges()).find(({ id }) => id === challengeId)?.phase ?? 'unknown';
  }

  /**
   * The open challenge of a portal, or a new one; shared by everybody who asks at once.
   *
   * @param joinableMs - Greatest age of one that is joined, in ms.
   */
  open(portal: Portal, joinableMs = Infinity): Promise<ChallengeRecord> {
    const pending = this.#opening.get(portal.url);
    if (pending) return pending;
    const opening = this.#openRecord(portal, joinableMs).finally(() => this.#opening.delete(portal.url));
    this.#opening.set(portal.url, opening);
    return opening;
  }

  /** The challenge with a state. */
  async byState(state: string | null): Promise<ChallengeRecord | undefined> {
    return (await this.database.challenges()).find((record) => record.state === state);
  }

  async codeVerifier(portal: Portal, record: ChallengeRecord): Promise<string | undefined> {
    const encrypter = await this.keyRing.encrypter(record.encryptedBy ?? portal.persistence);
    const decrypted = record.encrypted && (await encrypter.decrypt(record.encrypted, challengeAad(record)));
    return typeof decrypted?.value === 'string' ? decrypted.value : undefined;
  }

  /** Ends a challenge for everybody: the record, the pages, the waiting requests. */
  async close(record: ChallengeRecord, portal: Portal, settlement: Settlement): Promise<void> {
    const { outcome } = settlement;
    await this.settle(record, portal, settlement);
    if (record.isSilent) {
      if (outcome !== 'signed-in') return;
      // A user who is being prompted need not sign in any more.
      const prompted = await this.database.challenge(portal.url).catch(() => undefined);
      if (prompted?.phase === 'open') await this.settle(prompted, portal, { outcome });
    }
    this.waiters.end(portal, outcome);
  }

  /** Ends a challenge for the record and the pages; its requests may go on waiting for another one. */
  async settle(
    record: ChallengeRecord,
    portal: Portal,
    { outcome, reason, isFinal = true }: Settlement,
  ): Promise<void> {
    const { encrypted: _, ...withoutVerifier } = record;
    const dismissedBy = outcome === 'signed-in' || !isFinal ? [] : await clientIds();
    const error = reason && toWireError(reason);
    const told = record.returnTo && error ? { reason: error } : {};
    // Without a database the outcome still reaches the pages and requests that wait now.
    await this.database
      .replaceChallenge(record, { ...withoutVerifier, ...told, phase: outcome, dismissedBy })
      .catch(() => undefined);
    await broadcast({
      type: 'identity:challenge-settled',
      challengeId: record.id,
      portal: portal.url,
      outcome,
      ...(error ? { error } : {}),
    });
  }

  async #openRecord(portal: Portal, joinableMs: number, isSilent?: true): Promise<ChallengeRecord> {
    for (;;) {
      const current = await this.database.challenge(portal.url, isSilent);
      const isJoinable =
        current?.phase === 'open' &&
        current.fingerprint === fingerprintOf(portal) &&
        this.now() - current.madeAtMs < joinableMs &&
        (await this.codeVerifier(portal, current)) !== undefined;
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
      const encrypter = await this.keyRing.encrypter(portal.persistence);
      const record = { ...facts, encrypted: await encrypter.encrypt(codeVerifier, challengeAad(facts)) };
      // Another worker or tab may have opened one meanwhile: then that one is taken.
      if (await this.database.replaceChallenge(current, record)) return record;
    }
  }
}

/** What pages are told of a challenge. */
export function toCodeRequired(
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
