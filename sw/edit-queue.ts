/** The queue of edits as an app's worker uses it: joins the queue to the rooms of the worker. */
import { ChallengeError, ConfigurationError } from '../protocol/identity-error.js';
import type { Services } from './compose.js';
import { fetchSigned, handleFetch, matchOf } from './fetch-handler.js';
import { servicesOf, type IdentityWorker } from './identity-worker.js';
import { handleEditsMessage, tryAll } from './offline/edit-calls.js';
import { EditReplay, isSame } from './offline/edit-queue.js';
import type { EditServices, Respond } from './offline/edit-services.js';
import type { EditAuthor } from './offline/edit-store.js';
import type { Portal } from './portals/portal.js';
import { waitUntilOf } from './rpc/wait-until.js';

declare const self: ServiceWorkerGlobalScope;

/** Options of {@link EditQueue}. */
export interface EditQueueOptions {
  /**
   * Makes the page's response to an edit that is kept, for a library that expects the form of its service's. Default: status 202,
   * the header `identity-worker-edit` with the edit's id, and JSON: `{ "queued": { id, queue, portal, username, queuedAt } }`.
   */
  respond?: Respond;
}

/** All queues of this worker: pages ask for them together. */
const queues: EditReplay[] = [];

/**
 * Edits that are kept where the network fails, and sent when it is back: in order, in the name of the user who made them only, each
 * until its service has taken it. What is refused stays, and is reported, until the user retries or discards it. Nothing expires.
 * Construct it at the top level of the worker's script, and register its route before
 * those of the IdentityWorker.
 *
 * @example
 * const edits = new EditQueue(identity, 'edits');
 * registerRoute(({ url }) => url.pathname.endsWith('/applyEdits'), edits.handler, 'POST');
 */
export class EditQueue {
  readonly #replay: EditReplay;

  /**
   * @param identity - Signs the edits.
   * @param name - Of the queue, among those of this worker.
   * @throws ConfigurationError `option-invalid` for an IdentityWorker of another copy of the package; workbox's error for a name
   *   that is taken.
   */
  constructor(identity: IdentityWorker, name: string, { respond }: EditQueueOptions = {}) {
    const services = servicesOf(identity) as Services | undefined;
    if (!services) throw new ConfigurationError('option-invalid', { field: 'identity' });
    this.#replay = new EditReplay(editServices(services), name, respond);
    if (queues.length === 0) listen();
    queues.push(this.#replay);
    services.credentialListeners.add(() => void this.#replay.credentialChanged());
  }

  /** Handles the edits of pages: for workbox's `registerRoute`. No other listener sees the event: an edit is sent once. */
  readonly handler = ({ event }: { event: ExtendableEvent }): Promise<Response> => {
    event.stopImmediatePropagation();
    return this.#replay.handle(event as FetchEvent);
  };
}

/** Tries again whenever something shows that there may be a network: browsers without Background Sync have nothing else. */
function listen(): void {
  const tryIn = (event: ExtendableEvent): void => waitUntilOf(event)(tryAll(queues));
  // The first of its events is the start of the worker: while its script runs it may not be active yet.
  for (const type of ['fetch', 'activate', 'message'] as const)
    self.addEventListener(type, tryIn, { once: true });
  self.addEventListener('online', () => void tryAll(queues));
  self.addEventListener('message', (event) => handleEditsMessage(event, queues));
}

function editServices(services: Services): EditServices {
  const { tokens, start } = services;
  const authorOf = async (portal: Portal): Promise<EditAuthor | undefined> => {
    const info = tokens.info(portal);
    if (!info) return { portal: portal.url };
    const { username } = info;
    if (username !== undefined) return { portal: portal.url, username };
    const partition = await services.partitions?.of(portal, services);
    return partition && { portal: portal.url, signIn: partition.id };
  };
  return {
    load: () => start.load(),
    targetOf: (request) => {
      const match = matchOf(request, new URL(request.url), services);
      return match && 'target' in match ? match.target : undefined;
    },
    authorOf,
    respond: (event) => handleFetch(event, services),
    send: async (request, portal, author) => {
      const session = tokens.session(portal);
      if (!isSame(author, await authorOf(portal)))
        throw new ChallengeError('sign-in-required', { origin: new URL(portal.url).origin });
      return fetchSigned(request, undefined, services, undefined, session);
    },
  };
}
