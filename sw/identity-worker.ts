/** Puts the parts together: the route that signs requests, and the message listener for pages. */
import { Route } from 'workbox-routing/Route.js';
import { consoleErrorTexts } from '../protocol/console-error-texts.js';
import { identityError, isIdentityError, addErrorMessages, type IdentityError } from '../protocol/errors.js';
import { ACTIVITY_CHANNEL, type Activity } from '../protocol/messages.js';
import { answerCallback, callbackOf } from './parts/strict-callback.js';
import { Challenges } from './sign-in/challenges.js';
import { Departures } from './parts/redirect-return.js';
import { Audience } from './rpc/client-presence.js';
import { answerMessage } from './rpc/message-handler.js';
import { extender } from './wait-until.js';
import { pageApi } from './worker-api.js';
import { tellAll } from './sign-in/select-page.js';
import { carryUnloadTraffic } from './parts/keepalive.js';
import { CredentialManager } from './tokens/token-manager.js';
import { Seals, takeScriptSeals } from './storage/key-ring.js';
import { Store, type Snapshot } from './storage/database.js';
import type { PortalRegistration } from './portals/registration.js';
import { resolvePortals } from './portals/resolve.js';
import { Federation } from './parts/federation.js';
import { Registry, type Claim } from './portals/portal-index.js';
import { addStaticRoutes } from './parts/static-routes.js';
import { AnonymousAccess } from './request/anonymous-access.js';
import { answer, answerUnknown, type Path } from './request/handle-request.js';
import { ConfirmedTokens } from './request/confirmed-tokens.js';
import { own, type Ownership } from './request/match-request.js';
import { Refusals } from './request/refusals.js';
import { NetworkFailure } from './request/send-request.js';
import { SignedRequests } from './request/signed.js';
import { WebTier } from './parts/web-tier.js';

declare const self: ServiceWorkerGlobalScope;

/** Options of {@link IdentityWorker}. */
export interface IdentityWorkerOptions {
  /** The portals whose requests are signed; from `arcgisOnline`, `arcgisEnterprise`, `oauthServer`. */
  portals: readonly PortalRegistration[];
  /** Tells pages what is done to each request, redacted, for a panel that shows it. Costs a message a request. Default `false`. */
  activity?: boolean;
  /**
   * Longest wait for a person in one fetch event, in ms; the request is then handed back to the browser, which asks again.
   * Default 240 000: Chromium ends an event after 300 s. Browsers follow 20 times.
   */
  holdLimitMs?: number;
  /**
   * For a worker that does nothing but sign: requests to other origins no longer wake it, where the browser has static
   * routing. Default `false`: other listeners of the worker would not see those requests either.
   */
  staticRouting?: boolean;
}

/** WebKit has no limit on an event, and does not follow a worker's redirect to the same URL. */
const isWebKit = (userAgent: string): boolean =>
  /AppleWebKit/.test(userAgent) && !/Chrom(e|ium)/.test(userAgent);

/** Methods of requests that are signed; workbox keeps its routes by method, and its types know not all of them. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as 'GET'[];

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
  /** The routes of the requests that are signed, one a method, for an app's own workbox Router. */
  readonly routes: readonly Route[];
  readonly #registry: Registry;
  readonly #federation: Federation;
  /** One database per scope: two workers of one origin have nothing in common. */
  readonly #store = new Store(new URL(self.registration.scope).pathname);
  readonly #audience = new Audience(() => Date.now());
  readonly #path: Path;
  readonly #departures: Departures;
  readonly #activity: BroadcastChannel | undefined;
  readonly #staticRouting: boolean;
  #misconfiguration: IdentityError | undefined;
  #isLoaded = false;
  #loading: Promise<void> | undefined;

  constructor({
    portals,
    activity = false,
    holdLimitMs = 240_000,
    staticRouting = false,
  }: IdentityWorkerOptions) {
    // First of all: the event that woke the worker is still on its way meanwhile. A version that is being installed
    // reads when it is its turn: until then the one before it goes on writing.
    const isActive = (self.serviceWorker as ServiceWorker | undefined)?.state === 'activated';
    const reading = isActive ? this.#store.snapshot() : undefined;
    this.#staticRouting = staticRouting;
    addErrorMessages(consoleErrorTexts);
    const scriptSeals = takeScriptSeals(self as unknown as Record<string, unknown>);
    this.#registry = this.#register(portals, scriptSeals.length > 0);
    const seals = new Seals(this.#store, scriptSeals);
    this.#federation = new Federation(this.#registry, this.#store);
    const credentials = new CredentialManager(this.#registry, this.#store, seals, (portal, credential) => {
      void tellAll({ type: 'identity:credential-changed', portal: portal.url, credential });
    });
    const challenges = new Challenges(this.#registry, this.#store, credentials, seals, this.#audience);
    this.#departures = new Departures(this.#registry, this.#store, seals);
    this.#path = {
      credentials,
      challenges,
      anonymous: new AnonymousAccess(),
      confirmed: new ConfirmedTokens(),
      refusals: new Refusals(),
      signed: new SignedRequests(),
      webTier: new WebTier(),
      holdLimitMs: isWebKit(navigator.userAgent) ? Infinity : holdLimitMs,
    };
    this.#activity = activity ? new BroadcastChannel(ACTIVITY_CHANNEL) : undefined;
    const sign = METHODS.map((method) => {
      const route = new Route(
        ({ request, url }) => this.#own(request, url),
        ({ request, url, event, params }) =>
          this.#answer(request, url, event as FetchEvent, params as unknown as Ownership),
      );
      // Set afterwards: the constructor of a development build refuses OPTIONS.
      route.method = method;
      return route;
    });
    this.routes = [...this.#callbackRoutes(challenges), ...sign];
    if (reading) this.#loading = this.#adopt(reading);
  }

  /** The route of GET requests: most of a map's traffic. For all methods see {@link routes}. */
  get route(): Route {
    return this.routes.at(-METHODS.length) as Route;
  }

  /** Answers requests and pages. Call it at the top level of the worker's script. */
  listen(): void {
    // Not by a workbox Router: that of a development build logs every URL, that of the callback page with its code too.
    self.addEventListener('fetch', (event) => this.#listenToFetch(event));
    // Behind the listeners that the script adds after this one.
    queueMicrotask(() => self.addEventListener('fetch', carryUnloadTraffic));
    if (this.#staticRouting && !this.#misconfiguration)
      self.addEventListener('install', (event) => {
        event.waitUntil(addStaticRoutes(event, this.#registry.portals).catch(() => undefined));
      });
    this.listenToPages();
  }

  /** Answers pages only, for an app that adds {@link routes} to a Router of its own. */
  listenToPages(): void {
    const reach = {
      registry: this.#registry,
      credentials: this.#path.credentials,
      challenges: this.#path.challenges,
      departures: this.#departures,
      load: () => (this.#misconfiguration ? Promise.reject(this.#misconfiguration) : this.#load()),
    };
    self.addEventListener('message', (event) =>
      answerMessage(event, (clientId, extend) => pageApi(clientId, extend, reach), this.#audience),
    );
  }

  #listenToFetch(event: FetchEvent): void {
    const { request } = event;
    const url = new URL(request.url);
    const sameOrigin = url.origin === self.location.origin;
    for (const { method, match, handler } of this.routes) {
      if (method !== request.method) continue;
      const params = match({ url, sameOrigin, request, event }) as string[] | undefined;
      if (params) return event.respondWith(handler.handle({ url, request, event, params }));
    }
  }

  #register(registrations: readonly PortalRegistration[], hasSeals: boolean): Registry {
    try {
      const definitions = registrations.map((define) => define());
      return new Registry(resolvePortals(definitions, self.registration.scope, hasSeals));
    } catch (error) {
      this.#misconfiguration = isIdentityError(error)
        ? error
        : identityError('option-invalid', { field: 'portals' });
      self.reportError(this.#misconfiguration);
      return new Registry([]);
    }
  }

  /** The navigations whose answers the worker takes itself (option `redirect`); none where it takes none. */
  #callbackRoutes(challenges: Challenges): Route[] {
    const { portals } = this.#registry;
    if (!portals.some(({ callback }) => callback === 'worker')) return [];
    const callback = new Route(
      ({ request, url }) => callbackOf(request, url, portals),
      async ({ url, params }) => {
        await this.#load();
        return answerCallback(params as unknown as string, url, challenges, this.#departures);
      },
    );
    return [callback];
  }

  #own(request: Request, url: URL): Ownership | undefined {
    const ownership = own(request, url, this.#registry, this.#federation);
    if (!ownership && this.#activity) this.#report(request, url, 'passed-by', performance.now());
    return ownership;
  }

  async #answer(request: Request, url: URL, event: FetchEvent, ownership: Ownership): Promise<Response> {
    const startedAt = performance.now();
    const trace = { isSigned: false, refreshed: false, waited: false };
    const stranger = { request, url, asker: event.clientId, extend: extender(event), trace };
    try {
      if (!this.#isLoaded) await this.#load();
      // At cold start the servers found before are known only now.
      const known =
        'claim' in ownership ? ownership : (own(request, url, this.#registry, this.#federation) ?? ownership);
      const response = await ('claim' in known
        ? answer({ ...stranger, claim: known.claim }, this.#path)
        : answerUnknown(stranger, () => this.#claimOf(known.unknownServer), this.#path));
      this.#report(request, url, trace.isSigned ? 'signed' : 'anonymous', startedAt, trace, response.status);
      return response;
    } catch (error) {
      this.#report(request, url, 'failed', startedAt, trace);
      if (error instanceof NetworkFailure) return Response.error();
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      // A bug of ours must not break the page: the browser's plain request goes out. Its text could hold a URL with a token.
      self.reportError(
        identityError('internal-error', { field: error instanceof Error ? error.name : typeof error }),
      );
      return request.bodyUsed ? Response.error() : fetch(request);
    }
  }

  async #claimOf(serverRoot: string): Promise<Claim | undefined> {
    const portal = await this.#federation.owner(serverRoot);
    return portal && { portal, serverRoot };
  }

  /** The store is read once, as the script of an active worker starts. A database that fails is tried again at the next event. */
  #load(): Promise<void> {
    this.#loading ??= this.#adopt(this.#store.snapshot());
    return this.#loading;
  }

  async #adopt(reading: Promise<Snapshot>): Promise<void> {
    try {
      const snapshot = await reading;
      this.#federation.adopt(snapshot.servers);
      await this.#path.credentials.adopt(snapshot);
      this.#isLoaded = true;
    } catch {
      this.#loading = undefined;
    }
  }

  #report(
    { method }: Request,
    { origin, pathname }: URL,
    outcome: Activity['outcome'],
    startedAt: number,
    { refreshed, waited }: Pick<Activity, 'refreshed' | 'waited'> = { refreshed: false, waited: false },
    status = 0,
  ): void {
    if (!this.#activity) return;
    const durationMs = performance.now() - startedAt;
    this.#activity.postMessage({
      method,
      url: origin + pathname,
      outcome,
      refreshed,
      waited,
      status,
      durationMs,
    } satisfies Activity);
  }
}
