/** Tells the browser which requests this worker never answers, so that they do not even start it. */
import { SIGN_OUT_PARAMETER } from '../oauth/authorization-server.js';
import type { Portal } from '../portals/portal.js';
import type { WorkerPart } from '../worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/** The part, for a worker that does nothing but sign: its other listeners would not see the requests that are routed past it. */
export const staticRoutes = (): WorkerPart => ({
  name: 'static-routes',
  listen: ({ portals }) => {
    // A registration that cannot be used: nothing is routed, so that a corrected worker finds everything as it was.
    if (portals.length === 0) return;
    self.addEventListener('install', (event) => {
      event.waitUntil(addStaticRoutes(event, portals).catch(() => undefined));
    });
  },
});

/** A condition of the browser's router (Service Workers, static routing API). */
type Condition = { urlPattern: URLPattern } | { or: Condition[] } | { not: Condition };

interface InstallEvent extends ExtendableEvent {
  addRoutes?(rule: { condition: Condition; source: 'network' }): Promise<void>;
}

/** A `URLPatternInit`, a name that TypeScript 5.9 does not know. */
type Pattern = Partial<Record<'protocol' | 'hostname' | 'port' | 'pathname' | 'search', string>>;

/** The browser reads the list each time that it starts the worker: a longer one would cost more than it saves. */
const MAX_PATTERNS = 64;

/**
 * What the worker may answer: the sharing API of every portal, the origins of what else the registrations match, and every ArcGIS
 * Server, since any may turn out to be federated. Wider than the registrations on purpose: the worker still matches each request.
 */
export function routedPatterns(portals: readonly Portal[]): Pattern[] {
  const origins = portals.flatMap(({ kind, resources, servers }) =>
    [...resources, ...servers].flatMap(({ origin, pathname }) =>
      // One pattern stands for these, however many portals there are.
      kind === 'arcgis' && pathname.endsWith('/sharing/') ? [] : [origin],
    ),
  );
  const suffixes = portals.flatMap(({ hostSuffix }) => (hostSuffix === undefined ? [] : [hostSuffix]));
  // The worker has to see the navigations whose answers it takes.
  const callbacks = portals.flatMap(({ callback, callbackPage, redirectUri }) =>
    callback === 'worker' ? [callbackPage ?? redirectUri] : [],
  );
  return [
    ...[...new Set(callbacks)].map((page) => {
      const { protocol, hostname, port, pathname } = new URL(page);
      return { protocol: protocol.slice(0, -1), hostname, port, pathname };
    }),
    ...[...new Set(origins)].map((origin) => {
      const { protocol, hostname, port } = new URL(origin);
      return { protocol: protocol.slice(0, -1), hostname, port };
    }),
    ...(portals.some(({ kind }) => kind === 'oauth') ? [{ search: `*${SIGN_OUT_PARAMETER}=*` }] : []),
    ...suffixes.map((suffix) => ({ protocol: 'https', hostname: `*${suffix}` })),
    ...(portals.some(({ kind }) => kind === 'arcgis')
      ? [{ pathname: '*/sharing*' }, { pathname: '*/rest/*' }, { pathname: '*/services/*' }]
      : []),
  ];
}

/**
 * Has everything else routed to the network. Browsers without static routing, and those that find the list too long,
 * ask the worker as ever.
 *
 * @see https://w3c.github.io/ServiceWorker/#service-worker-static-router
 */
export async function addStaticRoutes(event: ExtendableEvent, portals: readonly Portal[]): Promise<void> {
  const inits = routedPatterns(portals);
  if (inits.length > MAX_PATTERNS) return;
  const patterns = inits.map((init) => ({
    // Servers spell their paths as they like.
    urlPattern: new URLPattern(init, { ignoreCase: true }),
  }));
  await (event as InstallEvent).addRoutes?.({ condition: { not: { or: patterns } }, source: 'network' });
}
