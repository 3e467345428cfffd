/** Puts the rooms of the worker together: who is handed what. */
import type { CredentialInfo } from '../protocol/credential-info.js';
import { IdentityError, toWireError, type WireError } from '../protocol/identity-error.js';
import { redactError } from '../protocol/redact-error.js';
import type { Portal } from './portals/portal.js';
import type { PortalIndex } from './portals/portal-index.js';
import type { RequestServices } from './request/request-context.js';
import { ReportedServices } from './request/reported-services.js';
import { ServiceMemory } from './request/service-memory.js';
import { ClientPresence } from './rpc/client-presence.js';
import { broadcast } from './rpc/clients.js';
import { ChallengeRecords } from './sign-in/challenge-records.js';
import { Challenges } from './sign-in/challenges.js';
import { CodeRedemption } from './sign-in/redeem-code.js';
import { WaitingRequests } from './sign-in/waiting-requests.js';
import { Database, type Snapshot } from './storage/database.js';
import { elapsed } from './storage/elapsed.js';
import { KeyRing } from './storage/key-ring.js';
import { signOutNotes } from './storage/sign-out-notes.js';
import { Store } from './storage/store.js';
import { TokenManager } from './tokens/token-manager.js';
import { hooksOf, type PartHooks, type PartServices, type WorkerPart } from './worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/** What the worker is made of. */
export interface Services extends PartServices, RequestServices, PartHooks {
  readonly parts: readonly WorkerPart[];
  readonly start: Start;
  readonly presence: ClientPresence;
  readonly challenges: Challenges;
  /** Called after every change of a credential, for what an app adds to its worker. */
  readonly credentialListeners: Set<() => void>;
}

/**
 * @param start - Reads the database meanwhile.
 * @param holdLimitMs - Longest wait for the user in one event, in ms.
 */
export function compose(
  portalIndex: PortalIndex,
  parts: readonly WorkerPart[],
  start: Start,
  holdLimitMs: number,
): Services {
  const { database } = start;
  const hooks = hooksOf(parts);
  const store = new Store(database, new KeyRing(database, hooks.sealed), (error) => start.report(error));
  const challengeRecords = new ChallengeRecords(store, portalIndex);
  const presence = new ClientPresence();
  const announce = (portal: Portal, credential: CredentialInfo | null): void =>
    void broadcast({
      type: 'identity:credential-changed',
      portal: portal.url,
      credential,
      ...start.storageError,
    });
  const tokens = new TokenManager({
    portalIndex,
    store,
    serverTokens: hooks.serverTokens,
    onChange: (portal, credential) => {
      announce(portal, credential);
      for (const listener of services.credentialListeners) listener();
      return hooks.credentialChanged?.(portal, credential, services);
    },
  });
  const waitingRequests: WaitingRequests = new WaitingRequests({
    records: challengeRecords,
    presence,
    openChallenge: (portal, stepUp) => challenges.open(portal, Infinity, stepUp),
    signsIn: (portal) => services.redemption.signsIn(portal),
    hasEnded: tokens.hasEnded,
    takeLost: tokens.takeLost,
    isReturn: hooks.redirectReturn?.isReturn,
  });
  const challenges = new Challenges(portalIndex, challengeRecords, waitingRequests, tokens.scope);
  for (const { proofs, persistence } of portalIndex.portals)
    if (persistence !== 'memory') proofs?.keepIn(database);
  const memory = new ServiceMemory();
  const services: Services = {
    ...hooks,
    parts,
    start,
    portalIndex,
    store,
    challengeRecords,
    presence,
    tokens,
    challenges,
    waitingRequests,
    redemption: new CodeRedemption(portalIndex, challengeRecords, tokens, challenges, waitingRequests),
    memory,
    reported: new ReportedServices(memory),
    holdLimitMs,
    credentialListeners: new Set(),
  };
  start.begin(async ([snapshot, signOuts], isLate) => {
    await store.restore(snapshot);
    hooks.discovery?.restore(services);
    await tokens.restore(signOuts);
    await services.redemption.endInterrupted();
    hooks.restored?.(services);
    // Pages took the user for signed out, and may ask.
    for (const portal of isLate ? portalIndex.portals : []) {
      const info = tokens.info(portal);
      if (!info) continue;
      announce(portal, info);
      const waiting = waitingRequests.challengeOf(portal);
      if (waiting) await challenges.close(waiting.record, portal, { outcome: 'signed-in' });
    }
  });
  return services;
}

/** What is read at the start: the database, and when users signed out. */
type Stored = readonly [Snapshot, ReadonlyMap<string, number>];

/** Longest wait for the sign-outs, in ms. */
const SIGN_OUTS_TIMEOUT_MS = 2_000;

/**
 * Reads the database once, as the script of an active worker starts. One that fails is reported, and read again when it works, at
 * the next event at the earliest; until then the worker works as at the level `memory`.
 */
export class Start {
  // One database per scope: two workers of one origin share nothing.
  readonly database = new Database(new URL(self.registration.scope).pathname, {
    onRebuilt: () => this.report(new IdentityError('storage-rebuilt')),
    // With all that memory has and the database lacks.
    onRecovered: () => {
      this.#loading = undefined;
      void this.load();
    },
  });
  isDone = false;
  #failure: IdentityError | undefined;
  #rebuilt: IdentityError | undefined;
  readonly #reported = new Set<string>();
  #reading: Promise<Stored> | undefined;
  #loading: Promise<void> | undefined;
  #restore: (stored: Stored, isLate: boolean) => Promise<void> = () => Promise.resolve();

  constructor() {
    // Start reading before the first event arrives. A version that is being installed reads when it is activated: until then
    // the one before it goes on writing.
    const isActive = (self.serviceWorker as ServiceWorker | undefined)?.state === 'activated';
    this.#reading = isActive ? this.#read() : undefined;
  }

  /** @param restore - Takes what was read; `isLate` after a failure. */
  begin(restore: (stored: Stored, isLate: boolean) => Promise<void>): void {
    this.#restore = restore;
    if (this.#reading) void this.load();
  }

  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  #read(): Promise<Stored> {
    return Promise.all([this.database.snapshot(), readSignOuts()]);
  }

  async #load(): Promise<void> {
    try {
      await this.#restore(await (this.#reading ?? this.#read()), this.#failure !== undefined);
      this.isDone = true;
      this.report(undefined);
    } catch (error) {
      this.#loading = undefined;
      this.report(error);
    } finally {
      this.#reading = undefined;
    }
  }

  /** What pages are told of the database. */
  get storageError(): { readonly storageError?: WireError } {
    const error = this.#failure ?? this.#rebuilt;
    return error ? { storageError: toWireError(error) } : {};
  }

  /** Reports a cause once. @param error - Why the database failed, or lost what it had; `undefined` where it works. */
  report(error: unknown): void {
    if (error === undefined) this.#failure = undefined;
    else if (error instanceof IdentityError && error.code === 'storage-rebuilt')
      this.#rebuilt = this.#reportOnce(error);
    else {
      const { name = '' } = error instanceof IdentityError ? error.facts : redactError(error);
      this.#failure ??= this.#reportOnce(new IdentityError('storage-unavailable', { name }));
    }
  }

  #reportOnce(error: IdentityError): IdentityError {
    const cause = error.code + error.facts.name;
    if (!this.#reported.has(cause)) self.reportError(error);
    this.#reported.add(cause);
    return error;
  }
}

/** When users signed out last; a Cache Storage that fails or does not answer knows of none. */
function readSignOuts(): Promise<ReadonlyMap<string, number>> {
  const none = new Map<string, number>();
  return Promise.race([signOutNotes().catch(() => none), elapsed(SIGN_OUTS_TIMEOUT_MS).then(() => none)]);
}
