/** Which registration matches a URL: by parsed origin and path segments, at a cost that does not grow with the number of portals. */
import { ConfigurationError } from '../../protocol/identity-error.js';
import { besideRest } from './ogc-path.js';
import type { Portal } from './portal.js';
import { asFolder, type PortalUrl } from './portal-url.js';

/** Whose token the requests to a URL take. */
export interface TokenTarget {
  readonly portal: Portal;
  /** Root of the federated server whose own token they take; `undefined` for the portal's token. */
  readonly serverRoot: string | undefined;
}

/** What the token of a target is kept under: the server's root, or the portal's URL. */
export const targetKey = ({ portal, serverRoot }: TokenTarget): string => serverRoot ?? portal.url;

interface Entry extends TokenTarget {
  /** Path that everything matched begins with. */
  readonly folder: string;
}

/** Path marker of an ArcGIS Server's services; the server's root stands before it. */
const servicesMarker = /^(.*?)\/rest(?:\/admin)?\/services(?:\/|$)/i;

/**
 * The root of the ArcGIS Server that a URL would belong to, such as `https://gis.example.org/server`.
 *
 * @see ArcGIS REST API: Server Info
 */
export function serverRootOf(url: URL): string | undefined {
  const root = servicesMarker.exec(url.pathname)?.[1] ?? besideRest(url.pathname)?.context;
  return root === undefined ? undefined : `${url.origin}${root}`;
}

function find(list: readonly Entry[], pathname: string): Entry | undefined {
  const itself = asFolder(pathname);
  return list.find(({ folder }) => pathname.startsWith(folder) || itself === folder);
}

/** Built once from the registrations; federated servers are added as they are discovered. */
export class PortalIndex {
  readonly #byOrigin = new Map<string, Entry[]>();
  readonly #byUrl = new Map<string, Portal>();
  readonly #suffix: Portal | undefined;
  /** Whether any registration could have federated servers. */
  readonly hasArcGIS: boolean;
  /** Those that users sign in to. */
  readonly portals: readonly Portal[];

  /** @throws {@link ConfigurationError} `registrations-overlap` where two match the same URL. */
  constructor(portals: readonly Portal[]) {
    this.portals = portals.filter(({ isAppOnly }) => !isAppOnly);
    const [suffix, otherSuffix] = portals.filter(({ hostSuffix }) => hostSuffix !== undefined);
    if (otherSuffix) throw overlapAt(otherSuffix.url);
    this.#suffix = suffix;
    this.hasArcGIS = portals.some(({ kind }) => kind === 'arcgis');
    for (const portal of portals) {
      if (this.#byUrl.has(portal.url)) throw overlapAt(portal.url);
      this.#byUrl.set(portal.url, portal);
      for (const prefix of portal.resources) this.add(prefix, { portal, serverRoot: undefined });
      for (const root of portal.servers)
        this.add(root, { portal, serverRoot: root.href.replace(/\/+$/, '') });
    }
    for (const [origin, list] of this.#byOrigin)
      if (list.length > 1) refuseOverlap(innermostFirst(list), origin);
  }

  /** The portal with this normalised root URL. */
  byUrl(url: string): Portal | undefined {
    return this.#byUrl.get(url);
  }

  /** The target of a URL, or `undefined`. Synchronous: other requests must not be delayed. */
  match(url: URL): TokenTarget | undefined {
    const list = this.#byOrigin.get(url.origin);
    if (list) {
      const { pathname } = url;
      const exact = find(list, pathname);
      if (exact) return exact;
      // A registration that names REST services means their OGC services too.
      const { restPath } = besideRest(pathname) ?? {};
      const beside = restPath === undefined ? undefined : find(list, restPath);
      if (beside?.portal.kind === 'arcgis') return beside;
    }
    const portal = this.#suffix;
    return portal?.matchesHost?.(url) ? { portal, serverRoot: undefined } : undefined;
  }

  /** Adds what is not sorted in: {@link addServer}. */
  add({ origin, pathname }: PortalUrl, target: TokenTarget): Entry[] {
    const list = this.#byOrigin.get(origin) ?? [];
    list.push({ ...target, folder: asFolder(pathname) });
    this.#byOrigin.set(origin, list);
    return list;
  }
}

/** Records that a server belongs to a portal: its services take the server's token, not everything that its host may serve. */
export function addServer(index: PortalIndex, portal: Portal, serverRoot: string): void {
  for (const folder of ['/rest/', '/services/']) {
    const prefix = new URL(serverRoot + folder);
    // What a registration names stays its own.
    if (!index.match(prefix)) innermostFirst(index.add(prefix, { portal, serverRoot }));
  }
}

/** Sorts by path, backwards: a server inside a portal's path comes before it, and is its own. */
const innermostFirst = (list: Entry[]): Entry[] =>
  list.sort((a, b) => (a.folder < b.folder ? 1 : a.folder > b.folder ? -1 : 0));

/** Inside what one portal's registration matches, nothing belongs to another. From the end on, all that lies in a folder stands right behind it. */
function refuseOverlap(sorted: readonly Entry[], origin: string): void {
  sorted.reduceRight((outer, inner) => {
    if (!inner.folder.startsWith(outer.folder)) return inner;
    if (inner.portal !== outer.portal) throw overlapAt(origin);
    return outer;
  });
}

const overlapAt = (url: string): ConfigurationError =>
  new ConfigurationError('registrations-overlap', { origin: new URL(url).origin });
