/** The edits of one queue in the database of workbox-background-sync, and which of them their services have refused. */
import { Queue } from 'workbox-background-sync/Queue.js';
import { QueueStore } from 'workbox-background-sync/QueueStore.js';
import { StorableRequest } from 'workbox-background-sync/StorableRequest.js';
import type { WireError } from '../../protocol/identity-error.js';
import { isRecord } from '../../protocol/record.js';

/** Who made an edit. */
export interface EditAuthor {
  /** Root URL of the portal. */
  readonly portal: string;
  /** Absent where nobody was signed in, or the portal names no users. */
  readonly username?: string;
  /** Where the portal names no users: the sign-in during which it was made. */
  readonly signIn?: string;
}

/** An edit as it is stored. */
export interface StoredEdit extends EditAuthor {
  readonly id: string;
  readonly url: URL;
  readonly method: string;
  readonly queuedAtMs: number;
  /** @throws TypeError for an entry that makes no request. */
  readonly toRequest: () => Request;
  readonly remove: () => Promise<void>;
}

declare const self: ServiceWorkerGlobalScope;

/**
 * workbox's own replay takes an entry out before it is sent: a worker that is stopped then loses the edit. Here it stays until its
 * service has taken it. Nothing expires: an edit is gone when it was taken or discarded.
 */
export class EditStore {
  readonly #queue: Queue;
  readonly #entries: QueueStore;
  readonly #refusals: QueueStore;

  /**
   * @param name - Of the queue, for this worker: other workers of the origin share the database.
   * @param onSync - Called by Background Sync; where it rejects, the browser tries again later.
   */
  constructor(name: string, onSync: () => Promise<void>) {
    this.#entries = new QueueStore(name);
    this.#refusals = new QueueStore(`${name}:refused`);
    this.#queue = new Queue(name, {
      // Without Background Sync workbox calls it while the script runs, in a worker that may not be active yet.
      onSync: () => ('sync' in self.registration ? onSync() : undefined),
      maxRetentionTime: Infinity,
    });
  }

  /** @throws a DOMException where the browser cannot store it. */
  async add(request: Request, id: string, author: EditAuthor, queuedAtMs: number): Promise<void> {
    await this.#queue.pushRequest({ request, metadata: { id, ...author }, timestamp: queuedAtMs });
  }

  /** The edits, in the order in which they were made. What is none of ours is left out. */
  async all(): Promise<StoredEdit[]> {
    const entries = await this.#entries.getAll();
    return entries.flatMap(({ id: key, requestData, timestamp, metadata }) => {
      const { id, portal, username, signIn } = (isRecord(metadata) ? metadata : {}) as Partial<StoredEdit>;
      const { url = '', method = 'POST' } = requestData as { url?: string; method?: string };
      if (typeof id !== 'string' || typeof portal !== 'string' || !URL.canParse(url)) return [];
      return {
        id,
        portal,
        ...(typeof username === 'string' ? { username } : {}),
        ...(typeof signIn === 'string' ? { signIn } : {}),
        url: new URL(url),
        method,
        queuedAtMs: timestamp,
        toRequest: () => new StorableRequest(requestData).toRequest(),
        remove: () => this.#entries.deleteEntry(key),
      };
    });
  }

  /** Why edits were refused, by their ids. */
  async refusals(): Promise<Map<string, WireError>> {
    const entries = await this.#refusals.getAll();
    return new Map(
      entries.flatMap(({ metadata }) => {
        const { id, error } = (isRecord(metadata) ? metadata : {}) as { id?: string; error?: WireError };
        return id !== undefined && error ? [[id, error] as const] : [];
      }),
    );
  }

  /** Notes that an edit was refused: it is not sent again by itself, also not after a start of the worker. */
  async refuse({ id, url }: StoredEdit, error: WireError): Promise<void> {
    const requestData = { url: url.origin, headers: {} };
    await this.#refusals.pushEntry({ requestData, timestamp: Date.now(), metadata: { id, error } });
  }

  /** Forgets the refusals of edits. */
  async forgetRefusals(isMeant: (id: string) => boolean): Promise<void> {
    for (const { id: key, metadata } of await this.#refusals.getAll())
      if (isMeant(String(isRecord(metadata) ? metadata['id'] : ''))) await this.#refusals.deleteEntry(key);
  }

  /** Has Background Sync try again, where the browser has it. */
  async registerSync(): Promise<void> {
    await this.#queue.registerSync();
  }
}
