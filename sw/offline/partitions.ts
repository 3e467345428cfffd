/** Whose answers are kept in Cache Storage: a partition for each user of each registration, in caches whose names hold its random id. */
import { randomText } from '../oauth/pkce.js';
import type { PortalIndex } from '../portals/portal-index.js';
import { fingerprintOf, type Portal } from '../portals/portal.js';
import { storedLevelOf } from '../storage/persistence.js';
import type { PartitionRecord } from '../storage/records.js';
import type { Store } from '../storage/store.js';
import type { TokenManager } from '../tokens/token-manager.js';
import { cacheAnswer } from './cache-answer.js';

declare const self: ServiceWorkerGlobalScope;

/** What partitions need of the worker. */
export interface PartitionServices {
  readonly portalIndex: PortalIndex;
  readonly store: Store;
  readonly tokens: Pick<TokenManager, 'info' | 'hasEnded' | 'session'>;
}

/** What a cache is for: fresh answers by HTTP's own rules, a strategy of the app's, a saved area. */
export type CacheKind = 'fresh' | 'strategy' | 'area';

/** A partition. Its answers are served to the user that it was made for, and to nobody else. */
export interface Partition extends PartitionRecord {
  /** The session that it was made in, where that is all that names the user. */
  readonly session?: number;
}

const prefix = (): string => `identity-worker:${new URL(self.registration.scope).pathname}:`;

/**
 * The name of a partition's cache.
 *
 * @param name - Tells several of a kind apart.
 */
export const cacheNameOf = (kind: CacheKind, { id }: Pick<PartitionRecord, 'id'>, name?: string): string =>
  `${prefix()}${kind}:${id}${name === undefined ? '' : `:${name}`}`;

/** The partition's id in the name of a cache of this worker's; `undefined` for other caches. */
function partitionIdOf(cacheName: string): string | undefined {
  const start = prefix();
  if (!cacheName.startsWith(start)) return undefined;
  return /^(?:fresh|strategy|area):([\w-]{43})(?::|$)/.exec(cacheName.slice(start.length))?.[1];
}

/** Deletes the caches of partitions that are not kept. A failure is no reason to stop what was done: the next start tries again. */
async function deleteCaches(isKept: (id: string) => boolean): Promise<void> {
  try {
    const names = (await cacheAnswer(() => caches.keys())).filter((name) => {
      const id = partitionIdOf(name);
      return id !== undefined && !isKept(id);
    });
    await Promise.all(names.map((name) => cacheAnswer(() => caches.delete(name))));
  } catch {
    // Cache Storage does not work: nothing is served out of it either.
  }
}

/** The partitions of a worker: at most one a registration. */
export class Partitions {
  /** Those of the level `memory`, which end with this start of the worker. */
  readonly #inMemory = new Map<string, Partition>();
  /** The last id of each registration that is known to be kept. */
  readonly #known = new Map<string, string>();
  #isRestored = false;

  /** The partition of the user who is signed in; `undefined` where there is none, or none was needed yet. Synchronous. */
  current(portal: Portal, { store, tokens }: PartitionServices): Partition | undefined {
    const info = this.#isRestored ? tokens.info(portal) : undefined;
    if (!info) return undefined;
    const { username } = info;
    const partition: Partition | undefined =
      portal.persistence === 'memory' ? this.#inMemory.get(portal.url) : recordOf(portal, store);
    if (!partition || partition.username !== (username ?? '')) return undefined;
    const isOfSession = partition.session === undefined || partition.session === tokens.session(portal);
    return isOfSession ? partition : undefined;
  }

  /**
   * The partition of the user who is signed in, made where it is needed for the first time.
   *
   * @returns `undefined` where nobody is signed in, or the database could not be read.
   */
  async of(portal: Portal, services: PartitionServices): Promise<Partition | undefined> {
    const { store, tokens } = services;
    const known = this.current(portal, services);
    if (known) return known;
    const before = this.#known.get(portal.url);
    const session = tokens.session(portal);
    const username = (): string | undefined => {
      const info = session === tokens.session(portal) ? tokens.info(portal) : undefined;
      return info && (info.username ?? '');
    };
    const make = (name: string): PartitionRecord => ({
      portal: portal.url,
      fingerprint: fingerprintOf(portal),
      id: randomText(),
      username: name,
    });
    if (!this.#isRestored || username() === undefined) return undefined;
    if (portal.persistence === 'memory') {
      const made = make(username() ?? '');
      this.#inMemory.set(portal.url, { ...made, ...(made.username === '' ? { session } : {}) });
    } else
      await store.update(storedLevelOf(portal), (state) => {
        const name = username();
        // Another request has made it meanwhile, or the user has signed out.
        if (name === undefined || this.current(portal, services)) return undefined;
        const others = state.partitions.filter((record) => record.portal !== portal.url);
        return { ...state, partitions: [...others, make(name)] };
      });
    const partition = this.current(portal, services);
    if (partition) this.#known.set(portal.url, partition.id);
    if (before !== undefined && before !== partition?.id) await this.#sweep();
    return partition;
  }

  /** Whether a partition is that of the user who is signed in now. */
  isCurrent(portal: Portal, partition: PartitionRecord, services: PartitionServices): boolean {
    return this.current(portal, services)?.id === partition.id;
  }

  /** Takes what the store holds, and deletes what a worker that was stopped has left of others. */
  restored({ portalIndex, store }: PartitionServices): Promise<void> {
    this.#isRestored = true;
    for (const portal of portalIndex.portals) {
      const id = recordOf(portal, store)?.id;
      if (id !== undefined) this.#known.set(portal.url, id);
    }
    return this.#sweep();
  }

  /** Ends the partition of a user who has signed out, or in whose place another one has signed in. */
  async credentialChanged(portal: Portal, services: PartitionServices): Promise<void> {
    const { tokens } = services;
    const known = this.#known.get(portal.url);
    // A session that has ended without a sign-out: its user may come back.
    if (known === undefined || tokens.hasEnded(portal)) return;
    if (this.current(portal, services)?.id === known) return;
    this.#known.delete(portal.url);
    this.#inMemory.delete(portal.url);
    await this.#sweep();
  }

  /** Deletes a cache that was opened again while its partition ended. */
  async deleteIfEnded({ id, portal }: PartitionRecord): Promise<void> {
    if (this.#known.get(portal) !== id) await deleteCaches((other) => other !== id);
  }

  /** Looks at what is kept once the names are there: a partition may be made meanwhile. */
  #sweep(): Promise<void> {
    return deleteCaches((id) => [...this.#known.values()].includes(id));
  }
}

const fingerprints = new WeakMap<Portal, string>();

/** Asked several times for each request. */
function knownFingerprintOf(portal: Portal): string {
  const known = fingerprints.get(portal) ?? fingerprintOf(portal);
  fingerprints.set(portal, known);
  return known;
}

/** What the store has of a portal. Another registration, as of another client id, does not get it. */
const recordOf = (portal: Portal, store: Store): PartitionRecord | undefined =>
  portal.persistence === 'memory'
    ? undefined
    : store
        .state(storedLevelOf(portal))
        .partitions.find(
          (record) => record.portal === portal.url && record.fingerprint === knownFingerprintOf(portal),
        );
