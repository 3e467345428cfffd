/** Saved areas: estimate, save, resume, list, remove. The page drives; the worker signs the requests and keeps the responses. */
import type { AreaRecord, StoredArea } from '../../protocol/areas.js';
import { identityError } from '../../protocol/errors.js';
import type { IdentityManager } from '../identity-manager.js';
import { explained } from '../lazy.js';
import { addressesOf } from './addresses.js';
import { estimateSize, type AreaEstimate } from './estimate.js';
import type { AreaContent, AreaLayer } from './layers.js';
import { Saving } from './saving.js';
import { callWorker } from './worker-calls.js';

/** A saved area. */
export interface SavedArea extends StoredArea {
  readonly layers: readonly AreaLayer[];
}

/** How a save is run. */
export interface SaveOptions {
  /** Cancels. What is kept stays, and {@link OfflineAreas.resume} goes on from there. */
  readonly signal?: AbortSignal | undefined;
  /** Requests at a time. Default 6. */
  readonly concurrency?: number | undefined;
}

/** Options of {@link OfflineAreas.save}. */
export interface SaveAreaOptions extends AreaContent, SaveOptions {
  /** Name to show to the user. */
  readonly name: string;
  /** URL of the portal whose user the area belongs to, as in `IdentityManager.portals`. May be left out where only one is registered. */
  readonly portal?: string | undefined;
  /** What {@link OfflineAreas.estimate} said of the same content, so that it is not sampled again. */
  readonly estimate?: AreaEstimate | undefined;
}

/** How far a save is. */
export class AreaProgressEvent extends Event {
  constructor(
    /** Number of requests, and of those whose response is kept; bytes so far. */
    readonly area: Pick<AreaRecord, 'id' | 'name' | 'kept' | 'requests' | 'bytes'>,
  ) {
    super('area-progress');
  }
}

/** The events of {@link OfflineAreas}, by name. */
export interface OfflineAreasEventMap {
  'area-progress': AreaProgressEvent;
}

/** An `EventTarget` whose listeners get the events of {@link OfflineAreas}. */
interface AreasEventTarget extends EventTarget {
  addEventListener<K extends keyof OfflineAreasEventMap>(
    type: K,
    listener: ((event: OfflineAreasEventMap[K]) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(...parameters: Parameters<EventTarget['addEventListener']>): void;
  removeEventListener<K extends keyof OfflineAreasEventMap>(
    type: K,
    listener: ((event: OfflineAreasEventMap[K]) => void) | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(...parameters: Parameters<EventTarget['removeEventListener']>): void;
}

const DEFAULT_CONCURRENCY = 6;

/**
 * The areas that the signed-in user has saved for use without network. Needs the part `offline()` in the worker.
 *
 * @example
 * const areas = new OfflineAreas(identity);
 * const area = { bbox: [10, 45, 12, 47], minZoom: 0, maxZoom: 10, layers: [{ type: 'map-server', url }] };
 * const estimate = await areas.estimate(area);
 * if (estimate.fits) await areas.save({ ...area, estimate, name: 'Trento' });
 */
export class OfflineAreas extends (EventTarget as new () => AreasEventTarget) {
  /** @param identity - Tells who is signed in. */
  constructor(private readonly identity: Pick<IdentityManager, 'ready' | 'portals' | 'credentials'>) {
    super();
  }

  /**
   * Counts the requests of an area, and guesses its size by a sample of them.
   *
   * @param options - `signal` ends the wait.
   * @throws ConfigurationError `option-invalid`, `layer-unsupported`; PortalError `answer-unusable`; a TypeError where the network fails.
   */
  estimate(content: AreaContent, { signal }: Pick<SaveOptions, 'signal'> = {}): Promise<AreaEstimate> {
    return explained(this.#estimate(content, signal));
  }

  /**
   * Saves an area for the signed-in user. Asks the browser not to evict the storage of this site (some browsers ask the user).
   *
   * @returns The complete area.
   * @throws ChallengeError `sign-in-required`; ConnectionError `quota-insufficient`: nothing of the area stays, so that the
   * site has room to work; `area-lost` where the area is removed, the storage cleared or the user changed meanwhile;
   * `storage-unavailable` where storage does not answer; PortalError `answer-unusable`, `save-interrupted`: all else is kept;
   * ConfigurationError `part-missing`, and what {@link OfflineAreas.estimate} throws; the reason of the signal.
   */
  save(options: SaveAreaOptions): Promise<SavedArea> {
    return explained(this.#save(options));
  }

  /**
   * Goes on with an area that is not complete: after a cancel, a failure, or an end of the browser. What is kept is skipped.
   *
   * @param id - Of {@link OfflineAreas.list}.
   * @throws As {@link OfflineAreas.save}.
   */
  resume(id: string, options: SaveOptions = {}): Promise<SavedArea> {
    return explained(this.#resume(id, options));
  }

  /**
   * The areas of the users who are signed in, the oldest first. Those of a session that has ended are there again once the same
   * user has signed in.
   *
   * @throws ConfigurationError `part-missing`; ConnectionError `worker-restarted`.
   */
  list(): Promise<readonly SavedArea[]> {
    return explained(this.#call({ type: 'list' }));
  }

  /**
   * Removes an area and all that is kept of it. One that is not there is no error.
   *
   * @throws ConfigurationError `part-missing`; ConnectionError `worker-restarted`.
   */
  async remove(id: string): Promise<void> {
    await explained(this.#call({ type: 'remove', id }));
  }

  async #call(command: Parameters<typeof callWorker>[0]): Promise<readonly SavedArea[]> {
    await this.identity.ready;
    // Layers are those that a page has sent.
    return (await callWorker(command)) as readonly SavedArea[];
  }

  async #estimate(content: AreaContent, signal: AbortSignal | undefined): Promise<AreaEstimate> {
    await this.identity.ready;
    return estimateSize(await addressesOf(content, signal), signal);
  }

  async #save(options: SaveAreaOptions): Promise<SavedArea> {
    const { name, bbox, minZoom, maxZoom, layers, signal, concurrency } = options;
    await this.identity.ready;
    const portal = this.#portalOf(options.portal);
    const groups = await addressesOf(options, signal);
    const { fits } = options.estimate ?? (await estimateSize(groups, signal));
    if (!fits) throw identityError('quota-insufficient');
    await navigator.storage?.persist?.();
    const record: AreaRecord = {
      id: crypto.randomUUID(),
      name,
      portal,
      bbox,
      minZoom,
      maxZoom,
      layers,
      savedAt: Date.now(),
      bytes: 0,
      kept: 0,
      requests: 0,
      isComplete: false,
    };
    return this.#run(new Saving(record, groups, this.#report), true, concurrency, signal);
  }

  async #resume(id: string, { signal, concurrency }: SaveOptions): Promise<SavedArea> {
    const area = (await this.#call({ type: 'list' })).find((each) => each.id === id);
    if (!area) throw identityError('area-lost');
    const groups = await addressesOf(area, signal);
    return this.#run(new Saving(area, groups, this.#report), false, concurrency, signal);
  }

  readonly #report = (area: AreaRecord): void => void this.dispatchEvent(new AreaProgressEvent(area));

  async #run(
    saving: Saving,
    isNew: boolean,
    concurrency = DEFAULT_CONCURRENCY,
    signal: AbortSignal | undefined,
  ): Promise<SavedArea> {
    if (!Number.isInteger(concurrency) || concurrency < 1)
      throw identityError('option-invalid', { field: 'concurrency' });
    const record = await saving.run(isNew, concurrency, signal);
    const area = (await this.#call({ type: 'list' })).find(({ id }) => id === record.id);
    if (!area) throw identityError('area-lost');
    return area;
  }

  /** Nothing is kept for nobody: it would be shown to whom comes next. */
  #portalOf(given: string | undefined): string {
    const { portals, credentials } = this.identity;
    const isGiven = (url: string): boolean => given === undefined || url === given.replace(/\/+$/, '');
    const [portal, other] = portals.filter(({ url }) => isGiven(url));
    if (!portal) throw identityError('portal-not-registered');
    if (other) throw identityError('portal-ambiguous');
    if (credentials.some(({ portal: url }) => url === portal.url)) return portal.url;
    throw identityError('sign-in-required', { origin: new URL(portal.url).origin });
  }
}
