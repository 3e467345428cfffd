/** Puts the rooms of the worker together: who is handed what. */
import { IdentityError } from '../protocol/identity-error.js';
import { redactError } from '../protocol/redact-error.js';
import { FetchHandler } from './fetch-handler.js';
import type { PortalIndex } from './portals/portal-index.js';
import { ServiceMemory } from './request/service-memory.js';
import { ClientPresence } from './rpc/client-presence.js';
import { broadcast } from './rpc/clients.js';
import { ChallengeRecords } from './sign-in/challenge-records.js';
import { Challenges } from './sign-in/challenges.js';
import { CodeRedemption } from './sign-in/redeem-code.js';
import { WaitingRequests } from './sign-in/waiting-requests.js';
import { Database, type Snapshot } from './storage/database.js';
import { KeyRing } from './storage/key-ring.js';
import { Store } from './storage/store.js';
import { TokenManager } from './tokens/token-manager.js';
import type { ApiServices } from './worker-api.js';
import { hooksOf, type WorkerPart } from './worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/** What the worker is made of. */
interface Composition {
  readonly handler: FetchHandler;
  readonly services: ApiServices;
  readonly presence: ClientPresence;
}

/**
 * @param start - Reads the database meanwhile.
 * @param options.misconfiguration - What every call of a page is answered with.
 * @param options.holdLimitMs - Longest wait for the user in one event, in ms.
 */
export function compose(
  portalIndex: PortalIndex,
  parts: readonly WorkerPart[],
  start: Start,
  options: { readonly misconfiguration: IdentityError | undefined; readonly holdLimitMs: number },
): Composition {
  const { database } = start;
  const { discovery, prepare, redirectReturn, sealed, serverTokens } = hooksOf(parts);
  const store = new Store(database, new KeyRing(database, sealed), (error) => start.report(error));
  const challengeRecords = new ChallengeRecords(store, portalIndex);
  const presence = new ClientPresence();
  const tokens = new TokenManager({
    portalIndex,
    store,
    serverTokens,
    onChange: ({ url }, credential) =>
      void broadcast({ type: 'identity:credential-changed', portal: url, credential }),
  });
  const waitingRequests: WaitingRequests = new WaitingRequests({
    records: challengeRecords,
    presence,
    openChallenge: (portal) => challenges.open(portal),
    hasEnded: (portal) => tokens.hasEnded(portal),
    isReturn: redirectReturn?.isReturn,
  });
  const challenges = new Challenges(portalIndex, challengeRecords, waitingRequests);
  const redemption = new CodeRedemption(portalIndex, challengeRecords, tokens, challenges, waitingRequests);
  const { misconfiguration, holdLimitMs } = options;
  const services: ApiServices = {
    portalIndex,
    store,
    challengeRecords,
    tokens,
    challenges,
    waitingRequests,
    redemption,
    redirectReturn,
    load: () => (misconfiguration ? Promise.reject(misconfiguration) : start.load()),
    storageError: () => start.failure,
  };
  start.begin(async (snapshot) => {
    const pending = await store.restore(snapshot);
    discovery?.restore(services);
    await tokens.restore(pending);
  });
  const handler = new FetchHandler({
    portalIndex,
    requestServices: { tokens, waitingRequests, memory: new ServiceMemory(), prepare, holdLimitMs },
    partServices: services,
    parts,
    discovery,
    isLoaded: () => start.isDone,
    load: () => start.load(),
  });
  return { handler, services, presence };
}

/**
 * Reads the database once, as the script of an active worker starts. One that fails is reported, and read again at the next
 * event; until then the worker works as at the level `memory`.
 */
export class Start {
  // One database per scope: two workers of one origin share nothing.
  readonly database = new Database(new URL(self.registration.scope).pathname, () => {
    this.#rebuilt = new IdentityError('storage-rebuilt');
    self.reportError(this.#rebuilt);
  });
  isDone = false;
  #failure: IdentityError | undefined;
  #rebuilt: IdentityError | undefined;
  #reading: Promise<Snapshot> | undefined;
  #loading: Promise<void> | undefined;
  #restore: (snapshot: Snapshot) => Promise<void> = () => Promise.resolve();

  constructor() {
    // Start reading before the first event arrives. A version that is being installed reads when it is activated: until then
    // the one before it goes on writing.
    const isActive = (self.serviceWorker as ServiceWorker | undefined)?.state === 'activated';
    this.#reading = isActive ? this.database.snapshot() : undefined;
  }

  /** @param restore - Takes what was read. */
  begin(restore: (snapshot: Snapshot) => Promise<void>): void {
    this.#restore = restore;
    if (this.#reading) void this.load();
  }

  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    try {
      await this.#restore(await (this.#reading ?? this.database.snapshot()));
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
  get failure(): IdentityError | undefined {
    return this.#failure ?? this.#rebuilt;
  }

  /** @param error - Why the database failed; `undefined` where it works. */
  report(error: unknown): void {
    const isReported = this.#failure !== undefined;
    if (error === undefined) this.#failure = undefined;
    else if (!isReported) {
      const { name = '' } = error instanceof IdentityError ? error.facts : redactError(error);
      this.#failure = new IdentityError('storage-unavailable', { name });
      self.reportError(this.#failure);
    }
  }
}
