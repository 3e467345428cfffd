/** The public class of the worker: checks its options, and answers fetch events and pages. */
import { IdentityError } from '../protocol/identity-error.js';
import { compose, Start, type Services } from './compose.js';
import { fetchSigned, handleFetch } from './fetch-handler.js';
import { PortalIndex } from './portals/portal-index.js';
import { resolvePortals, type PortalRegistration } from './portals/portal.js';
import { isWebKit } from './rpc/engine.js';
import { handleMessage } from './rpc/message-handler.js';
import { workerApiFor } from './worker-api.js';
import { checkParts, type WorkerPart } from './worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/** Options of {@link IdentityWorker}. */
export interface IdentityWorkerOptions {
  /** The portals whose requests are signed; from `arcgisOnline`, `arcgisEnterprise`, `oauthServer`, `appLogin`. */
  portals: readonly PortalRegistration[];
  /** Capabilities that the worker has, such as `federation()`. */
  parts?: readonly WorkerPart[];
  /**
   * Longest wait for the user in one fetch event, in ms; the request is then handed back to the browser, which sends it again.
   * Default 240 000: Chromium ends an event after 300 s. Browsers follow 20 times.
   */
  holdLimitMs?: number;
}

/** What a worker is made of, for other entries of the package. */
export let servicesOf: (identity: IdentityWorker) => Services;

/**
 * The IdentityManager of a service worker: signs the requests of its pages to the registered portals.
 * Construct it at the top level of the worker's script: listeners must be there before the first event.
 *
 * It does not throw: with a registration that cannot be used nothing is signed, the console of the worker and every
 * page's `ready` get the ConfigurationError, and the rest of the app's worker works on.
 *
 * @example
 * const identity = new IdentityWorker({
 *   portals: [arcgisEnterprise({ url: 'https://gis.example.org/portal', clientId: 'abc', redirectUri: '/signed-in.html' })],
 * });
 * identity.listen();
 */
export class IdentityWorker {
  static {
    servicesOf = (identity) => identity.#services;
  }
  readonly #services: Services;
  #misconfiguration: IdentityError | undefined;

  constructor({ portals, parts = [], holdLimitMs = 240_000 }: IdentityWorkerOptions) {
    // First, so that the database opens while the registrations are checked.
    const start = new Start();
    this.#services = compose(
      this.#register(portals, parts),
      parts,
      start,
      isWebKit() ? Infinity : holdLimitMs,
    );
  }

  /**
   * Handles a fetch event: the request path behind {@link listen}, for a fetch listener of the app's own.
   *
   * @returns The response for `event.respondWith`; `undefined`, at once, for an event that is not signed. Never throws.
   */
  handle(event: FetchEvent): Promise<Response> | undefined {
    return handleFetch(event, this.#services);
  }

  /**
   * Sends a request of the worker's own (Background Sync, push, prefetching, a caching strategy) as a page's: signed, with a token
   * that is renewed first, and sent again with another one where the server rejects it. A URL of no registration is fetched as it is.
   *
   * With the fetch event of a page its user is prompted where they have to sign in. No user can be asked otherwise, and an error
   * that an ArcGIS server sends with status 200 becomes the status of the response: `response.ok` tells success.
   *
   * @param input - As of `fetch`.
   * @param options.event - The event that the request is sent for; it is kept alive for renewals in the background.
   * @throws ChallengeError `sign-in-required` where nobody is signed in or the session has ended; a TypeError where the
   *   network fails; an AbortError; {@link ConfigurationError} where the registrations cannot be used.
   */
  async fetch(input: RequestInfo | URL, options: { event?: ExtendableEvent } = {}): Promise<Response> {
    if (this.#misconfiguration) throw this.#misconfiguration;
    return fetchSigned(new Request(input), options.event, this.#services);
  }

  /** Handles fetch events and the messages of pages. Call it at the top level of the worker's script. */
  listen(): void {
    self.addEventListener('fetch', (event) => {
      const response = this.handle(event);
      if (response) event.respondWith(response);
    });
    const { parts, portalIndex } = this.#services;
    for (const part of parts) part.listen?.(portalIndex);
    this.listenToPages();
  }

  /** Handles the messages of pages only, for an app that calls {@link handle} itself. */
  listenToPages(): void {
    const services = this.#services;
    self.addEventListener('message', (event) =>
      handleMessage(
        event,
        (clientId, waitUntil, refusal = this.#misconfiguration) =>
          workerApiFor(clientId, waitUntil, services, refusal),
        services.presence,
      ),
    );
  }

  #register(registrations: readonly PortalRegistration[], parts: readonly WorkerPart[]): PortalIndex {
    try {
      const portals = resolvePortals(registrations, self.registration.scope);
      checkParts(portals, parts);
      return new PortalIndex(portals);
    } catch (error) {
      this.#misconfiguration =
        error instanceof IdentityError ? error : new IdentityError('option-invalid', { field: 'portals' });
      self.reportError(this.#misconfiguration);
      return new PortalIndex([]);
    }
  }
}
