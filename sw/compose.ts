/** Puts the rooms of the worker together: who is handed what. */
import { IdentityError } from '../protocol/identity-error.js';
import { redactError } from '../protocol/redact-error.js';
import type { PortalIndex } from './portals/portal-index.js';
import type { RequestServices } from './request/handle-request.js';
import { ServiceMemory } from './request/service-memory.js';
import { ClientPresence } from './rpc/client-presence.js';
import { broadcast } from './rpc/clients.js';
import { Challenges } from './sign-in/challenges.js';
import { CodeRedemption } from './sign-in/redeem-code.js';
import { WaitingRequests } from './sign-in/waiting-requests.js';
import { Database, type Snapshot } from './storage/database.js';
import { KeyRing } from './storage/key-ring.js';
import { TokenManager } from './tokens/token-manager.js';
import { hooksOf, type PartHooks, type PartServices, type WorkerPart } from './worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/** What the worker is made of. */
export interface Services extends PartServices, RequestServices, PartHooks {
  readonly parts: readonly WorkerPart[];
  readonly start: Start;
  readonly presence: ClientPresence;
  readonly challenges: Challenges;
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
  const keyRing = new KeyRing(database, hooks.sealed);
  const presence = new ClientPresence();
  const tokens = new TokenManager({
    portalIndex,
    database,
    keyRing,
    serverTokens: hooks.serverTokens,
    onChange: ({ url }, credential) =>
      void broadcast({ type: 'identity:credential-changed', portal: url, credential }),
  });
  const waitingRequests: WaitingRequests = new WaitingRequests({
    database,
    presence,
    openChallenge: (portal) => challenges.open(portal),
    hasEnded: (portal) => tokens.hasEnded(portal),
    isReturn: hooks.redirectReturn?.isReturn,
  });
  const challenges = new Challenges(portalIndex, database, keyRing, waitingRequests);
  const services: Services = {
    ...hooks,
    parts,
    start,
    portalIndex,
    database,
    keyRing,
    presence,
    tokens,
    challenges,
    waitingRequests,
    redemption: new CodeRedemption(portalIndex, database, tokens, challenges, waitingRequests),
    memory: new ServiceMemory(),
    holdLimitMs,
  };
  start.begin(async (snapshot) => {
    hooks.discovery?.restore(snapshot.servers, services);
    await tokens.restore(snapshot);
  });
  return services;
}

/** Reads the database once, as the script of an active worker starts. One that fails is reported, and read again at the next event. */
export class Start {
  // One database per scope: two workers of one origin share nothing.
  readonly database = new Database(new URL(self.registration.scope).pathname);
  isDone = false;
  failure: IdentityError | undefined;
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
      this.failure = undefined;
    } catch (error) {
      this.#loading = undefined;
      const isReported = this.failure !== undefined;
      this.failure = new IdentityError('storage-unavailable', { name: redactError(error).name });
      if (!isReported) self.reportError(this.failure);
    } finally {
      this.#reading = undefined;
    }
  }
}
