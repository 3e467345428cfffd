/** Areas that a user has saved: each is a cache of the user's partition, with a record of what it is. A page drives, address by address. */
import {
  AREA_BYTES_HEADER,
  AREA_COMMAND,
  AREA_HEADER,
  isAreaId,
  parseAreaCommand,
  type AreaAnswer,
  type AreaCommand,
  type AreaRecord,
  type StoredArea,
} from '../../protocol/areas.js';
import {
  ChallengeError,
  ConfigurationError,
  ConnectionError,
  PortalError,
  toWireError,
} from '../../protocol/identity-error.js';
import type { TokenTarget } from '../portals/portal-index.js';
import type { Portal } from '../portals/portal.js';
import { statusByContent } from '../request/classify-response.js';
import { handleRequest } from '../request/handle-request.js';
import type { RequestContext, RequestServices } from '../request/request-context.js';
import { matchRequest } from '../request/match-request.js';
import { newTrace, type RequestTrace } from '../request/request-trace.js';
import { discard, NetworkFailure } from '../request/send-request.js';
import { deleteArea, matchIn, namesOf, put, readRecord, recordUrl } from './area-caches.js';
import { forElement } from './for-element.js';
import { isForContent } from './freshness.js';
import { cacheNameOf, type Partition, type Partitions, type PartitionServices } from './partitions.js';
import { isStorable, readStorable } from './storable.js';

/** What areas need of the worker. */
type AreaServices = PartitionServices & RequestServices;

/** Sends a request, signed. */
type Send = (context: RequestContext) => Promise<Response>;

/** The cache of an area, and whose it is. */
interface AreaCache {
  readonly portal: Portal;
  readonly partition: Partition;
  readonly name: string;
}

/** Longest body that is kept of an area, in bytes: pages of features are longer than tiles. */
const MAX_AREA_BODY_BYTES = 32 * 1024 * 1024;

/** What a server answers where it has no tile. */
const noContent = new Set([204, 404, 410]);

/** The saved areas of a worker. */
export class Areas {
  constructor(private readonly partitions: Partitions) {}

  /** Takes the requests of pages that save an area. Synchronous. */
  intercept(request: Request, url: URL, services: AreaServices): (() => Promise<Response>) | undefined {
    const value = request.headers.get(AREA_HEADER);
    if (value === null) return undefined;
    return async () => {
      try {
        if (value !== AREA_COMMAND) return await this.#keep(value, request, url, services);
        const areas = await this.#command(await readCommand(request), services);
        return Response.json({ ok: true, areas } satisfies AreaAnswer, { headers: bytesHeader(0) });
      } catch (error) {
        const wire = toWireError(error);
        return value === AREA_COMMAND
          ? Response.json({ ok: false, error: wire } satisfies AreaAnswer, { headers: bytesHeader(0) })
          : Response.json(wire, { status: 409, headers: bytesHeader(0) });
      }
    };
  }

  /**
   * Answers a page's request: where the network fails, or the browser knows that there is none, with what is kept.
   *
   * @param send - The way to the network.
   * @param serve - What comes before the network, and takes the way to it.
   */
  async serve(
    { request, target, trace }: RequestContext,
    send: Send,
    serve: (send: Send) => Promise<Response>,
    services: AreaServices,
  ): Promise<Response> {
    const match = async (): Promise<Response | undefined> => {
      const found = await this.match(request, target.portal, services).catch(() => undefined);
      if (found) trace.recorder?.add({ step: 'kept-answer' });
      return found;
    };
    const isOffline = !navigator.onLine;
    const kept = isOffline ? await match() : undefined;
    try {
      const response = await serve(kept ? () => Promise.reject(new NetworkFailure()) : send);
      const instead = trace.lacksToken ? await match() : undefined;
      if (instead) discard(response);
      return instead ?? response;
    } catch (error) {
      const instead = error instanceof NetworkFailure && !isOffline ? await match() : kept;
      if (instead) return instead;
      throw error;
    }
  }

  /** What is kept of a request of the user who is signed in, in any of the user's areas. */
  async match(request: Request, portal: Portal, services: PartitionServices): Promise<Response | undefined> {
    const partition = this.partitions.current(portal, services);
    if (!partition || !isForContent(request)) return undefined;
    for (const cacheName of await namesOf(partition)) {
      const kept = await matchIn(cacheName, request.url);
      if (kept && this.partitions.isCurrent(portal, partition, services)) return asServed(kept, request);
    }
    return undefined;
  }

  async #command(command: AreaCommand, services: AreaServices): Promise<readonly StoredArea[]> {
    switch (command.type) {
      case 'write':
        await this.#write(command.record, command.isNew, services);
        return [];
      case 'remove':
        await Promise.all(this.#cachesOf(command.id, services).map(({ name }) => deleteArea(name)));
        return [];
      case 'list':
        return this.#list(services);
    }
  }

  /** Stores the record of an area. That of a new one makes its cache. */
  async #write(record: AreaRecord, isNew: boolean, services: AreaServices): Promise<void> {
    const portal = services.portalIndex.byUrl(record.portal);
    if (!portal) throw new ConfigurationError('portal-not-registered');
    if (!services.tokens.info(portal)) throw signInRequired(portal);
    const partition = await this.partitions.of(portal, services);
    if (!partition) throw new ConnectionError('storage-unavailable');
    const name = cacheNameOf('area', partition, record.id);
    if (!isNew && !(await readRecord(name))) throw new ConnectionError('area-lost');
    await put(name, recordUrl(), Response.json(record));
    await this.#checkKept({ portal, partition, name });
  }

  async #list({ portalIndex, ...services }: AreaServices): Promise<readonly StoredArea[]> {
    const areas: StoredArea[] = [];
    for (const portal of portalIndex.portals) {
      const partition = this.partitions.current(portal, { portalIndex, ...services });
      if (!partition) continue;
      for (const name of await namesOf(partition)) {
        const record = await readRecord(name);
        const { username } = partition;
        // One without a record is being made, or was cut off while it was.
        if (record) areas.push({ ...record, ...(username === '' ? {} : { username }) });
      }
    }
    return areas.sort((a, b) => a.savedAt - b.savedAt);
  }

  /** Keeps the response of one address, unless it is kept already. */
  async #keep(id: string, request: Request, url: URL, services: AreaServices): Promise<Response> {
    const area = await this.#find(id, services);
    const kept = await matchIn(area.name, url.href);
    if (kept) return keptAnswer(Number(kept.headers.get(AREA_BYTES_HEADER)));
    const headers = new Headers(request.headers);
    headers.delete(AREA_HEADER);
    const plain = new Request(request, { headers });
    const match = matchRequest(plain, url, services.portalIndex);
    const { origin } = url;
    if (!match || !('target' in match)) throw new ConfigurationError('portal-not-registered', { origin });
    // Another portal's user may sign out while this one stays.
    if (match.target.portal !== area.portal) throw new ConfigurationError('layer-unsupported', { origin });
    const trace = newTrace();
    const isCurrent = (): boolean =>
      this.partitions.isCurrent(area.portal, area.partition, services) &&
      (trace.session === undefined || trace.session === services.tokens.session(area.portal));
    const response = await sendForArea(plain, url, match.target, trace, services).catch((error: unknown) => {
      throw isCurrent() ? error : new ConnectionError('area-lost');
    });
    const status = await statusByContent(response, { kind: area.portal.kind, url });
    if (noContent.has(status)) {
      discard(response);
      return keptAnswer(0);
    }
    const mimeType = response.headers.get('content-type') ?? '';
    const body =
      status === 200 && isStorable(plain, response)
        ? await readStorable(response, MAX_AREA_BODY_BYTES)
        : undefined;
    if (!body) throw new PortalError('answer-unusable', { origin, status, mimeType });
    if (!isCurrent()) throw new ConnectionError('area-lost');
    const stored = new Headers(response.headers);
    stored.set(AREA_BYTES_HEADER, String(body.byteLength));
    await put(area.name, url.href, new Response(body, { headers: stored }));
    await this.#checkKept(area);
    return keptAnswer(body.byteLength);
  }

  /** @throws ConnectionError `area-lost`, ChallengeError `sign-in-required`. */
  async #find(id: string, services: AreaServices): Promise<AreaCache> {
    const own = this.#cachesOf(id, services);
    for (const area of own) if (isAreaId(id) && (await readRecord(area.name))) return area;
    const [portal] = services.portalIndex.portals;
    throw own.length === 0 && portal ? signInRequired(portal) : new ConnectionError('area-lost');
  }

  /** After a write: storage that was cleared, or a user who has signed out meanwhile, must not leave a cache behind. */
  async #checkKept({ partition, name }: AreaCache): Promise<void> {
    if (!(await readRecord(name))) {
      await deleteArea(name);
      throw new ConnectionError('area-lost');
    }
    await this.partitions.deleteIfEnded(partition);
  }

  /** The caches that an area of this id would have, one for each user who is signed in. */
  #cachesOf(id: string, services: AreaServices): readonly AreaCache[] {
    return services.portalIndex.portals.flatMap((portal) => {
      const partition = this.partitions.current(portal, services);
      return partition ? [{ portal, partition, name: cacheNameOf('area', partition, id) }] : [];
    });
  }
}

const signInRequired = ({ url }: Portal): ChallengeError =>
  new ChallengeError('sign-in-required', { origin: new URL(url).origin });

async function readCommand(request: Request): Promise<AreaCommand> {
  const command = parseAreaCommand(await request.json().catch(() => undefined));
  if (command) return command;
  throw new ConfigurationError('option-invalid', { field: AREA_HEADER });
}

/**
 * Sends as a request of the worker's own: a user who saves an area is not prompted for each tile.
 *
 * @throws PortalError `save-interrupted`, ChallengeError `sign-in-required`, or an AbortError.
 */
async function sendForArea(
  request: Request,
  url: URL,
  target: TokenTarget,
  trace: RequestTrace,
  services: RequestServices,
): Promise<Response> {
  const waitUntil = (): void => undefined;
  try {
    return await handleRequest({ request, url, target, trace, waitUntil, clientId: undefined }, services);
  } catch (error) {
    throw error instanceof NetworkFailure
      ? new PortalError('save-interrupted', { origin: url.origin })
      : error;
  }
}

/** As the server sent it. */
function asServed({ body, headers: stored }: Response, request: Request): Response {
  const headers = new Headers(stored);
  headers.delete(AREA_BYTES_HEADER);
  return forElement(new Response(body, { headers }), request);
}

const bytesHeader = (bytes: number): Record<string, string> => ({ [AREA_BYTES_HEADER]: String(bytes) });

const keptAnswer = (bytes: number): Response =>
  new Response(null, { status: 204, headers: bytesHeader(bytes) });
