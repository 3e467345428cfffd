/**
 * A cache of signed answers with the rules of HTTP: what is fresh is served without network and token. The browser's own cache
 * knows a signed answer by an address with its token, and asks again after each renewal.
 */
import type { Portal } from '../portals/portal.js';
import type { RequestContext } from '../request/request-context.js';
import { ownHeaders, toRequest } from '../request/replayable-request.js';
import { discard, NetworkFailure } from '../request/send-request.js';
import { cacheAnswer } from './cache-answer.js';
import { CacheIndex, keyOf } from './cache-index.js';
import { forElement } from './for-element.js';
import { conditionsFor, confirmed, isFresh, isKeepable, lookupFor, mayBeStale } from './freshness.js';
import { Recent } from './recent.js';
import { QuietTime } from './quiet-time.js';
import { cacheNameOf, type Partition, type Partitions, type PartitionServices } from './partitions.js';
import { reportFailure } from './report-failure.js';
import { isStorable, MAX_BODY_BYTES, readStorable } from './storable.js';

/** Limits of what is kept for each user of a registration. */
export interface HttpCacheOptions {
  /** Most bytes of all answers together. What was used least lately goes first. Default 100 MB. */
  maxBytes?: number;
  /** Most answers. Default 5000. */
  maxEntries?: number;
  /** Longest answer, in bytes. Default 5 MB. */
  maxBodyBytes?: number;
}

/** Sends a request, signed. */
type Send = (context: RequestContext) => Promise<Response>;

/** An answer out of the cache. */
interface Kept {
  readonly partition: Partition;
  readonly headers: Headers;
  readonly statusText: string;
  readonly body: Blob | Uint8Array<ArrayBuffer>;
  readonly size: number;
  readonly receivedAtMs: number;
}

/** On keys and answers: when an answer was received, and how long its body is. One without was not written by this worker. */
const KEPT_HEADER = 'identity-worker-kept';

/** Most of the answers that are kept in memory, in bytes. */
const MAX_RECENT_BYTES = 16 * 1024 * 1024;

/** The cache of a worker. */
export class HttpCache {
  readonly #partitions: Partitions;
  readonly #index: CacheIndex;
  readonly #maxBodyBytes: number;
  readonly #quiet = new QuietTime();
  /** What this start of the worker has kept or served lately, by address: reading a cache takes longer than all else. */
  readonly #recent = new Recent<Kept>(MAX_RECENT_BYTES);
  /** What waits to be written, by address. */
  readonly #pending = new Map<string, Kept>();
  /** Origins that let no other origin ask whether an answer still stands (CORS preflight). */
  readonly #unconditional = new Set<string>();

  constructor(
    partitions: Partitions,
    { maxBytes = 100 * 1024 * 1024, maxEntries = 5000, maxBodyBytes = MAX_BODY_BYTES }: HttpCacheOptions = {},
  ) {
    this.#partitions = partitions;
    this.#index = new CacheIndex(KEPT_HEADER, maxBytes, maxEntries);
    this.#maxBodyBytes = maxBodyBytes;
  }

  /**
   * Answers a request from what is kept or from the network.
   *
   * @throws What `send` throws.
   * @see RFC 9111 §4
   */
  async serve(context: RequestContext, send: Send, services: PartitionServices): Promise<Response> {
    const { request, target } = context;
    const { portal } = target;
    const lookup = lookupFor(request);
    if (lookup === 'none') return send(context);
    this.#quiet.end();
    const kept = lookup === 'reload' ? undefined : await this.#find(request, portal, services);
    const isUsable =
      lookup === 'any' ||
      (lookup === 'fresh' && kept && isFresh(kept.headers, kept.receivedAtMs, Date.now()));
    if (kept && isUsable) return toResponse(kept, context);
    try {
      // What an element is given is not to be remembered: the cache needs the server's own word.
      const plain = request.destination === '' ? context : { ...context, request: new Request(request) };
      const response = await this.#ask(plain, kept, send);
      if (context.trace.lacksToken && kept) {
        discard(response);
        throw new NetworkFailure();
      }
      const isCurrent = kept && this.#partitions.isCurrent(portal, kept.partition, services);
      if (response.status === 304 && kept) {
        if (!isCurrent) return await send(context);
        const known = {
          ...kept,
          headers: confirmed(kept.headers, response.headers),
          receivedAtMs: Date.now(),
        };
        this.#remember(request, known);
        context.waitUntil(this.#put(request, known, portal, services));
        return toResponse(known, context);
      }
      return this.#keep(response, context, kept, services);
    } catch (error) {
      const mayServe =
        kept && lookup === 'fresh' && error instanceof NetworkFailure && mayBeStale(kept.headers);
      if (mayServe && this.#partitions.isCurrent(portal, kept.partition, services))
        return toResponse(kept, context);
      throw error;
    }
  }

  /** Asks the server, with the validators of what is kept where it takes them. */
  async #ask(context: RequestContext, kept: Kept | undefined, send: Send): Promise<Response> {
    const { request, url } = context;
    const conditions = kept && conditionsFor(kept.headers);
    if (!conditions || this.#unconditional.has(url.origin)) return send(context);
    const headers = ownHeaders(request);
    for (const [name, value] of Object.entries(conditions)) headers.set(name, value);
    const readable = request.mode === 'no-cors' ? { mode: 'cors', credentials: 'same-origin' } : {};
    const conditional = toRequest(
      { request, url, body: undefined, hasStreamBody: false, destination: '' },
      { headers, init: readable as RequestInit },
    );
    try {
      return await send({ ...context, request: conditional });
    } catch (error) {
      if (!(error instanceof NetworkFailure)) throw error;
      const response = await send(context);
      // The network works: it was the preflight.
      this.#unconditional.add(url.origin);
      return response;
    }
  }

  async #find(request: Request, portal: Portal, services: PartitionServices): Promise<Kept | undefined> {
    const partition = this.#partitions.current(portal, services);
    if (!partition) return undefined;
    const cacheName = cacheNameOf('fresh', partition);
    const recent = this.#recent.get(keyOf(request));
    if (recent?.partition.id === partition.id) {
      this.#index.touch(cacheName, request);
      return recent;
    }
    if (this.#index.lacks(cacheName, request)) return undefined;
    try {
      const response = await cacheAnswer(() => caches.match(request, { cacheName }));
      const [receivedAtMs, size] = (response?.headers.get(KEPT_HEADER) ?? '').split(' ').map(Number);
      if (!response || receivedAtMs === undefined) return undefined;
      const body = await cacheAnswer(() => response.blob());
      // Half of it was written, or the user has signed out meanwhile.
      if (body.size !== size || !this.#partitions.isCurrent(portal, partition, services)) return undefined;
      this.#index.touch(cacheName, request);
      const { headers, statusText } = response;
      const kept = { partition, headers, statusText, body, size: body.size, receivedAtMs };
      this.#remember(request, kept);
      return kept;
    } catch (error) {
      reportFailure(error);
      return undefined;
    }
  }

  /** Keeps an answer while the page reads it. */
  #keep(
    response: Response,
    context: RequestContext,
    kept: Kept | undefined,
    services: PartitionServices,
  ): Response {
    const { request, target, trace, waitUntil } = context;
    const { portal } = target;
    const { session } = trace;
    const isOfUser =
      session === services.tokens.session(portal) && services.tokens.info(portal) !== undefined;
    const mayKeep =
      isOfUser && !response.redirected && isStorable(request, response) && isKeepable(response.headers);
    // A refusal takes the place of what was kept; trouble of the server does not.
    const isRefused = response.status === 200 || (response.status >= 400 && response.status < 500);
    if (kept && !mayKeep && isRefused) waitUntil(this.#remove(request, kept.partition));
    if (mayKeep) {
      const copy = response.clone();
      waitUntil(this.#write(copy, request, portal, session, kept, services));
    }
    return forElement(response, request);
  }

  async #write(
    response: Response,
    request: Request,
    portal: Portal,
    session: number | undefined,
    kept: Kept | undefined,
    services: PartitionServices,
  ): Promise<void> {
    const receivedAtMs = Date.now();
    const [partition, body] = await Promise.all([
      this.#partitions.of(portal, services),
      readStorable(response, this.#maxBodyBytes),
    ]);
    // The answer is of the user whose token was sent.
    if (!partition || session !== services.tokens.session(portal)) return;
    if (body) {
      const { headers, statusText } = response;
      const entry = { partition, headers, statusText, body, size: body.byteLength, receivedAtMs };
      if (!this.#partitions.isCurrent(portal, partition, services)) return;
      this.#remember(request, entry);
      this.#pending.set(keyOf(request), entry);
      await this.#quiet.begin(body.byteLength);
      // A newer answer, or a refusal, has taken its place.
      if (this.#pending.get(keyOf(request)) === entry) await this.#put(request, entry, portal, services);
    } else if (kept) await this.#remove(request, kept.partition);
  }

  async #put(request: Request, entry: Kept, portal: Portal, services: PartitionServices): Promise<void> {
    const { partition, statusText, body, size, receivedAtMs } = entry;
    this.#pending.delete(keyOf(request));
    if (!this.#partitions.isCurrent(portal, partition, services)) return;
    const cacheName = cacheNameOf('fresh', partition);
    const mark = `${receivedAtMs} ${size}`;
    const keyHeaders = ownHeaders(request);
    keyHeaders.set(KEPT_HEADER, mark);
    const headers = new Headers(entry.headers);
    headers.set(KEPT_HEADER, mark);
    try {
      const key = new Request(request.url, { headers: keyHeaders });
      const response = new Response(body, { statusText, headers });
      await cacheAnswer(async () => (await caches.open(cacheName)).put(key, response));
      await this.#index.add(cacheName, request, size);
    } catch (error) {
      reportFailure(error);
      if (error instanceof DOMException && error.name === 'QuotaExceededError')
        await this.#index.halve(cacheName).catch(() => undefined);
    }
    await this.#partitions.deleteIfEnded(partition);
  }

  async #remove(request: Request, partition: Partition): Promise<void> {
    this.#recent.delete(keyOf(request));
    this.#pending.delete(keyOf(request));
    await this.#index.remove(cacheNameOf('fresh', partition), request).catch(() => undefined);
    await this.#partitions.deleteIfEnded(partition);
  }

  /** Forgets what is in memory of a portal's other users. */
  forgetOthers(portal: Portal, services: PartitionServices): void {
    this.#recent.filter(
      ({ partition }) =>
        partition.portal !== portal.url || this.#partitions.isCurrent(portal, partition, services),
    );
  }

  /** Keeps an answer in memory, but for one that differs by more of its request than the address. */
  #remember(request: Request, kept: Kept): void {
    if (kept.headers.has('vary')) this.#recent.delete(keyOf(request));
    else this.#recent.set(keyOf(request), kept);
  }
}

/** As the page would have got it from the network. */
function toResponse({ headers: kept, statusText, body }: Kept, { request, trace }: RequestContext): Response {
  trace.recorder?.add({ step: 'kept-answer' });
  const headers = new Headers(kept);
  headers.delete(KEPT_HEADER);
  if (request.destination !== '') headers.set('cache-control', 'no-store');
  return new Response(body, { statusText, headers });
}
