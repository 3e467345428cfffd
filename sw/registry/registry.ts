/** Which registration owns a URL. By parsed origin and path segments; the cost does not grow with the number of portals. */
import type { Portal } from '../portals/portal.js';
import { isUnder } from '../portals/resolve.js';

/** A URL that a registration owns, and whose token it takes. */
export interface Claim {
  readonly portal: Portal;
  /** Root of the federated server whose own token the URL takes; `undefined` for the portal's token. */
  readonly serverRoot: string | undefined;
}

/** What a claim's token is kept under: the server's root, or the portal's URL. */
export const claimId = ({ portal, serverRoot }: Claim): string => serverRoot ?? portal.url;

interface Owned extends Claim {
  readonly pathname: string;
}

/** Path marker of an ArcGIS Server's services; the server's root stands before it. */
const servicesMarker = /^(.*?)\/rest(?:\/admin)?\/services(?:\/|$)/i;

/**
 * The root of the ArcGIS Server that a URL would belong to, such as `https://gis.example.org/server`.
 *
 * @see ArcGIS REST API: Server Info
 */
export function serverRootOf(url: URL): string | undefined {
  const root = servicesMarker.exec(url.pathname)?.[1];
  return root === undefined ? undefined : `${url.origin}${root}`;
}

/** Looks up owners. Built once from the resolved registrations; federated servers are added as they are discovered. */
export class Registry {
  readonly #byOrigin = new Map<string, Owned[]>();
  readonly #byUrl = new Map<string, Portal>();
  readonly #suffix: Portal | undefined;

  constructor(readonly portals: readonly Portal[]) {
    this.#suffix = portals.find(({ hostSuffix }) => hostSuffix !== undefined);
    for (const portal of portals) {
      this.#byUrl.set(portal.url, portal);
      for (const prefix of portal.resources) this.#add(prefix, { portal, serverRoot: undefined });
      for (const root of portal.servers)
        this.#add(root, { portal, serverRoot: root.href.replace(/\/+$/, '') });
    }
  }

  /** Whether any registration could have federated servers. */
  get hasArcGIS(): boolean {
    return this.portals.some(({ kind }) => kind === 'arcgis');
  }

  /** The portal with this normalised root URL. */
  portal(url: string): Portal | undefined {
    return this.#byUrl.get(url);
  }

  /** Records that a server belongs to a portal: its services take the server's token, not everything that its host may serve. */
  addServer(portal: Portal, serverRoot: string): void {
    for (const folder of ['/rest/', '/services/']) {
      const prefix = new URL(serverRoot + folder);
      // What a registration owns stays its own.
      if (!this.own(prefix)) this.#add(prefix, { portal, serverRoot });
    }
  }

  /** The owner of a URL, or `undefined`. Synchronous: a request that is not ours must not be delayed. */
  own(url: URL): Claim | undefined {
    const exact = this.#byOrigin.get(url.origin)?.find(({ pathname }) => isUnder(url.pathname, pathname));
    if (exact) return exact;
    const portal = this.#suffix;
    if (portal?.hostSuffix === undefined || url.protocol !== 'https:' || url.port !== '') return undefined;
    return url.hostname.endsWith(portal.hostSuffix) && takesOnlineToken(url)
      ? { portal, serverRoot: undefined }
      : undefined;
  }

  #add({ origin, pathname }: URL, claim: Claim): void {
    const list = this.#byOrigin.get(origin) ?? [];
    if (list.some((owned) => owned.pathname === pathname)) return;
    list.push({ ...claim, pathname });
    // The longest prefix wins: a server inside a portal's path is its own.
    list.sort((a, b) => b.pathname.length - a.pathname.length);
    this.#byOrigin.set(origin, list);
  }
}

/** Hosts of ArcGIS Online that serve files to everybody, and those of its other environments. */
const tokenless = /^(js|static|elevation3d|cdn|developers|doc)\.|(dev|qa)(ext)?\d*\./;

function takesOnlineToken({ hostname, pathname }: URL): boolean {
  if (tokenless.test(hostname)) return false;
  // Of portal hosts only the sharing API is a resource; the rest is the portal's own web site.
  const isPortalHost = hostname === 'www.arcgis.com' || hostname.endsWith('.maps.arcgis.com');
  return !isPortalHost || /^\/sharing(\/|$)/.test(pathname);
}
