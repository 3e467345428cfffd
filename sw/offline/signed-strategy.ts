/** An app's own workbox strategy for signed requests: its network is signed, and its cache is that of the user who is signed in. */
import type { WorkboxPlugin, RouteHandlerCallback } from 'workbox-core/types.js';
import type { Strategy } from 'workbox-strategies/Strategy.js';
import type { StrategyHandler } from 'workbox-strategies/StrategyHandler.js';
import type { Portal } from '../portals/portal.js';
import { matchRequest } from '../request/match-request.js';
import { newTrace, type RequestTrace } from '../request/request-trace.js';
import { Areas } from './areas.js';
import { cacheAnswer } from './cache-answer.js';
import { forElement } from './for-element.js';
import { cacheNameOf, type Partition, type Partitions, type PartitionServices } from './partitions.js';
import { reportFailure } from './report-failure.js';
import { isStorable, readStorable } from './storable.js';

/** Longest answer that a strategy keeps, in bytes: it is read whole before. */
const MAX_STRATEGY_BYTES = 64 * 1024 * 1024;

/** What is no code: page script can write to Cache Storage, and what it writes must not run as a script. */
const keptDestinations: ReadonlySet<string> = new Set(['', 'image', 'audio', 'video', 'track', 'font']);

/** What a strategy needs of the worker. */
export interface StrategyServices extends PartitionServices {
  readonly start: { load(): Promise<void> };
  readonly partitions?: Partitions | undefined;
  readonly discovery?: { unknownServerOf(url: URL): string | undefined } | undefined;
}

/** Sends a request as a page's. */
type Send = (request: Request, event: ExtendableEvent, trace: RequestTrace) => Promise<Response>;

/** The parts of a strategy that its own class sees. */
type Extensible = Strategy & {
  _handle(request: Request, handler: StrategyHandler): Promise<Response | undefined>;
};

/** @param send - The strategy's network. */
export function toSigned(strategy: Strategy, services: StrategyServices, send: Send): RouteHandlerCallback {
  return async (options) => {
    const { event } = options;
    const request = typeof options.request === 'string' ? new Request(options.request) : options.request;
    await services.start.load();
    const { portalIndex, discovery, partitions } = services;
    const match = matchRequest(
      request,
      new URL(request.url),
      portalIndex,
      discovery && ((url) => discovery.unknownServerOf(url)),
    );
    if (!match) return strategy.handle(options);
    const trace = newTrace();
    // Whose answers those of a server are that no registration names is known only afterwards.
    const isKept = 'target' in match && request.method === 'GET' && keptDestinations.has(request.destination);
    if (!isKept || !partitions) return send(request, event, trace);
    const { portal } = match.target;
    const run = new Run(strategy, portal, trace, partitions, services, send);
    return run.handle({ ...options, request }, await partitions.of(portal, services));
  };
}

/** One request that a strategy answers. */
class Run {
  readonly #strategy: Strategy;
  readonly #portal: Portal;
  readonly #trace: RequestTrace;
  readonly #partitions: Partitions;
  readonly #services: StrategyServices;
  readonly #send: Send;
  #partition: Partition | undefined;

  constructor(
    strategy: Strategy,
    portal: Portal,
    trace: RequestTrace,
    partitions: Partitions,
    services: StrategyServices,
    send: Send,
  ) {
    this.#strategy = strategy;
    this.#portal = portal;
    this.#trace = trace;
    this.#partitions = partitions;
    this.#services = services;
    this.#send = send;
  }

  /** @param partition - Of the user who is signed in when the request comes. */
  handle(
    options: Parameters<RouteHandlerCallback>[0] & { request: Request },
    partition: Partition | undefined,
  ): Promise<Response> {
    this.#partition = partition;
    const strategy = this.#strategy as Extensible;
    const nameOf = (): string => this.#cacheName();
    // The app's strategy with the user's cache: its plugins are told of no other name.
    const signed = Object.create(strategy, {
      cacheName: { get: nameOf },
      plugins: { value: [this.#first(), ...strategy.plugins, this.#last()] },
      _handle: {
        value: (request: Request, handler: StrategyHandler) => {
          handler.fetch = (input) => this.#fetch(input, handler);
          const match = handler.cacheMatch.bind(handler);
          // A cache that fails is an empty one.
          handler.cacheMatch = (key) =>
            cacheAnswer(() => match(key)).catch(reportFailure) as ReturnType<typeof match>;
          return strategy._handle.call(signed, request, handler);
        },
      },
    }) as Extensible;
    const [response, done] = signed.handleAll(options);
    done.catch(reportFailure);
    return response.catch(async (error: unknown) => {
      const saved = await new Areas(this.#partitions)
        .match(options.request, this.#portal, this.#services)
        .catch(() => undefined);
      if (saved) return saved;
      throw error;
    });
  }

  /** Without a partition, the name of a cache that nothing is written to. */
  #cacheName(): string {
    const name = this.#strategy.cacheName;
    return this.#partition
      ? cacheNameOf('strategy', this.#partition, name)
      : cacheNameOf('strategy', { id: '' }, name);
  }

  /** What the handler's own `fetch` does, but signed (workbox-strategies/StrategyHandler). */
  async #fetch(input: RequestInfo, handler: StrategyHandler): Promise<Response> {
    const { event } = handler;
    const original = typeof input === 'string' ? new Request(input) : input;
    let request = original.clone();
    for (const willFetch of handler.iterateCallbacks('requestWillFetch'))
      request = await willFetch({ request: request.clone(), event });
    const { fetchOptions } = this.#strategy;
    try {
      const sent = fetchOptions ? new Request(request.clone(), fetchOptions) : request.clone();
      let response = await this.#send(sent, event, this.#trace);
      // The user has signed in for this request.
      this.#partition ??= await this.#partitions.of(this.#portal, this.#services);
      for (const didSucceed of handler.iterateCallbacks('fetchDidSucceed'))
        response = await didSucceed({ event, request, response });
      return response;
    } catch (error) {
      await handler.runCallbacks('fetchDidFail', {
        error: error as Error,
        event,
        originalRequest: original.clone(),
        request: request.clone(),
      });
      throw error;
    }
  }

  /** Before the app's plugins: what may not be kept, they do not see. */
  #first(): WorkboxPlugin {
    return {
      cacheWillUpdate: async ({ request, response }) => {
        const { session } = this.#trace;
        const isOfUser = (): boolean =>
          session === this.#services.tokens.session(this.#portal) && this.#isCurrent();
        if (!isOfUser() || !isStorable(request, response)) return null;
        const body = await readStorable(response.clone(), MAX_STRATEGY_BYTES);
        return body && isOfUser() ? response : null;
      },
    };
  }

  /** Behind them: the user may have signed out while they worked. */
  #last(): WorkboxPlugin {
    return {
      cachedResponseWillBeUsed: ({ cachedResponse }) =>
        Promise.resolve(this.#isCurrent() ? cachedResponse : undefined),
      handlerWillRespond: ({ request, response }) => Promise.resolve(forElement(response, request)),
      cacheDidUpdate: () =>
        this.#partition ? this.#partitions.deleteIfEnded(this.#partition) : Promise.resolve(),
    };
  }

  #isCurrent(): boolean {
    return (
      this.#partition !== undefined &&
      this.#partitions.isCurrent(this.#portal, this.#partition, this.#services)
    );
  }
}
