/** Federated ArcGIS Servers: finds the portal of a server that no registration names, and gets the servers' own tokens. */
import { isRecord } from '../../protocol/record.js';
import { readLimitedJson } from '../oauth/read-limited.js';
import { addServer, serverRootOf, type PortalIndex, type TokenTarget } from '../portals/portal-index.js';
import type { Portal } from '../portals/portal.js';
import { normalizePortalUrl } from '../portals/portal-url.js';
import { handleUnknownServer } from '../request/handle-request.js';
import type { RequestServices, UnmatchedContext } from '../request/request-context.js';
import type { StoredLevel } from '../storage/database.js';
import { ExpiringMap } from '../storage/expiring-map.js';
import { ServerTokens } from '../tokens/server-tokens.js';
import type { PartServices, ServerDiscovery, WorkerPart } from '../worker-part.js';

/** Longest wait for a server's self-description, in ms: the page's request waits behind it. */
const INFO_TIMEOUT_MS = 10_000;

/** How long a server's description is believed, in ms. */
const BELIEVED_MS = 24 * 3600 * 1000;

/** So many servers are remembered, the latest ones: a page may ask any number. */
const MAX_SERVERS = 1_000;

/** How long a server that could not be asked is left alone, in ms: its pages see it refuse them as long, when the network is back. */
const UNREACHABLE_MS = 5_000;

/** Where the servers are remembered: where page script cannot write, if one of the portals has such a place. */
const levelFor = ({ portals }: PortalIndex): StoredLevel =>
  portals.some(({ persistence }) => persistence === 'sealed') ? 'sealed' : 'persistent';

/** The part. Its `rest/info` says which portal a server claims to belong to; the portal decides by issuing a token or not. */
export const federation = (): WorkerPart => ({
  name: 'federation',
  discovery: new Discovery(),
  serverTokens: new ServerTokens(),
});

/** Known servers, in memory and in the database; look-ups of one server are shared. */
export class Discovery implements ServerDiscovery {
  readonly #known = new Map<string, Portal | null>();
  readonly #pending = new Map<string, Promise<Portal | undefined>>();
  readonly #unreachable: ExpiringMap<string, true>;
  readonly #now: () => number;

  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
    this.#unreachable = new ExpiringMap(UNREACHABLE_MS, now);
  }

  restore({ portalIndex, store }: Pick<PartServices, 'portalIndex' | 'store'>): void {
    const { servers } = store.state(levelFor(portalIndex));
    for (const { root, portal, checkedAtMs } of servers) {
      const ageMs = this.#now() - checkedAtMs;
      if (ageMs < 0 || ageMs > BELIEVED_MS) continue;
      const owner = portal === null ? null : portalIndex.byUrl(portal);
      if (owner !== undefined) this.#learn(root, owner, portalIndex);
    }
  }

  unknownServerOf(url: URL): string | undefined {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
    const root = serverRootOf(url);
    return root === undefined || this.#known.get(root) === null ? undefined : root;
  }

  respond(
    context: UnmatchedContext,
    serverRoot: string,
    services: PartServices & RequestServices,
  ): Promise<Response> {
    return handleUnknownServer(context, () => this.findTarget(serverRoot, services), services);
  }

  /** Asks a server which portal it belongs to; `undefined` for none of the registered ones. */
  async findTarget(
    serverRoot: string,
    services: Pick<PartServices, 'portalIndex' | 'store'>,
  ): Promise<TokenTarget | undefined> {
    const portal = await this.#owner(serverRoot, services);
    return portal && { portal, serverRoot };
  }

  async #owner(
    serverRoot: string,
    services: Pick<PartServices, 'portalIndex' | 'store'>,
  ): Promise<Portal | undefined> {
    const known = this.#known.get(serverRoot);
    if (known !== undefined) return known ?? undefined;
    const pending = this.#pending.get(serverRoot);
    if (pending) return pending;
    if (this.#unreachable.get(serverRoot)) return undefined;
    const question = this.#ask(serverRoot, services).finally(() => this.#pending.delete(serverRoot));
    this.#pending.set(serverRoot, question);
    return question;
  }

  async #ask(
    serverRoot: string,
    { portalIndex, store }: Pick<PartServices, 'portalIndex' | 'store'>,
  ): Promise<Portal | undefined> {
    const url = await readOwningPortal(serverRoot);
    if (url === undefined) {
      // Its owner is still unknown: it is asked again, but not by every request.
      this.#unreachable.set(serverRoot, true);
      return undefined;
    }
    const owner = url === null ? null : (portalIndex.byUrl(url) ?? null);
    this.#learn(serverRoot, owner, portalIndex);
    const record = { root: serverRoot, portal: owner?.url ?? null, checkedAtMs: this.#now() };
    await store.update(levelFor(portalIndex), (state) => ({
      ...state,
      servers: [...state.servers.filter(({ root }) => root !== serverRoot), record].slice(-MAX_SERVERS),
    }));
    return owner ?? undefined;
  }

  #learn(serverRoot: string, owner: Portal | null, portalIndex: PortalIndex): void {
    this.#known.set(serverRoot, owner);
    if (owner) addServer(portalIndex, owner, serverRoot);
  }
}

/**
 * Reads which portal a server claims to belong to.
 *
 * @param serverRoot - Such as `https://gis.example.org/server`.
 * @returns The normalised portal URL, `null` where the server names none, `undefined` when it could not be asked.
 * @see ArcGIS REST API: Server Info
 */
export async function readOwningPortal(serverRoot: string): Promise<string | null | undefined> {
  try {
    const response = await fetch(`${serverRoot}/rest/info?f=json`, {
      credentials: 'omit',
      signal: AbortSignal.timeout(INFO_TIMEOUT_MS),
    });
    const info = await readLimitedJson(response);
    // A captive portal answers in the server's place, or from where it redirects to.
    if (!response.ok || new URL(response.url || serverRoot).host !== new URL(serverRoot).host)
      return undefined;
    if (!isRecord(info) || 'error' in info) return undefined;
    const owner = info['owningSystemUrl'];
    return typeof owner === 'string' ? (normalizePortalUrl(owner) ?? null) : null;
  } catch {
    return undefined;
  }
}
