/** One layer on the map: adds and removes itself, and reports its state. */
import { GeoJSONSource, type Map as MapLibreMap, type MapSourceDataEvent } from 'maplibre-gl';
import { askAccess } from './access.js';
import type { LayerDefinition } from './layers.js';

/**
 * `waiting`: the worker holds its requests until the user signs in.
 * `signed-out`: it has no requests; it loads again after the next sign-in.
 * `partial`, `not-saved`: there is no network, and part or nothing of it is saved.
 */
export type LayerState =
  | 'off'
  | 'loading'
  | 'waiting'
  | 'loaded'
  | 'partial'
  | 'signed-out'
  | 'not-allowed'
  | 'not-saved'
  | 'failed';

/** Dispatches `change` with every new state. */
export class Layer extends EventTarget {
  #state: LayerState = 'off';
  #user: string | undefined;
  #isFailing = false;
  #hasTile = false;

  #definition: LayerDefinition;

  constructor(
    definition: LayerDefinition,
    private readonly map: MapLibreMap,
    /** Ids of this layer's MapLibre layers, the lowest first. */
    private readonly order: readonly string[],
  ) {
    super();
    this.#definition = definition;
    map.on('sourcedata', (event: MapSourceDataEvent) => {
      if (event.sourceId !== definition.id) return;
      this.#hasTile ||= event.tile !== undefined;
      this.#look();
    });
    map.on('idle', () => this.#look());
    map.on('error', (event) => {
      if ('sourceId' in event && event.sourceId === definition.id) void this.#explain();
    });
  }

  get definition(): LayerDefinition {
    return this.#definition;
  }

  get state(): LayerState {
    return this.#state;
  }

  /** Whether the user has switched the layer on. */
  get isOn(): boolean {
    return this.#state !== 'off';
  }

  switch(isOn: boolean): void {
    if (isOn === this.isOn) return;
    if (isOn) this.#add();
    else {
      this.#remove();
      this.#become('off');
    }
  }

  /** Updates the layer after a sign-in, a sign-out or a change of user. */
  follow(user: string | undefined): void {
    const previous = this.#user;
    this.#user = user;
    if (this.definition.needs !== 'user' || !this.isOn || previous === user) return;
    if (user === undefined) {
      this.#remove();
      this.#become('signed-out');
    } else if (previous === undefined && this.#state === 'waiting' && !this.#isFailing) {
      this.#become('loading');
    } else if (previous !== undefined || this.#state !== 'loaded') {
      this.#remove();
      this.#add();
    }
  }

  /** Loads the layer again once the network is back. */
  retry(): void {
    if (this.#state !== 'partial' && this.#state !== 'not-saved' && this.#state !== 'failed') return;
    this.#remove();
    this.#add();
  }

  /** Draws the layer anew: for another theme, or because its data have changed. */
  redraw(definition = this.#definition): void {
    this.#definition = definition;
    if (!this.map.getSource(definition.id)) return;
    this.#remove();
    this.#add();
  }

  #add(): void {
    const { id, source, layers, needs } = this.definition;
    this.#isFailing = false;
    this.#hasTile = false;
    this.#become(needs === 'user' && this.#user === undefined ? 'waiting' : 'loading');
    this.map.addSource(id, source);
    for (const layer of layers) {
      const above = this.order
        .slice(this.order.indexOf(layer.id) + 1)
        .find((other) => this.map.getLayer(other));
      this.map.addLayer(layer, above);
    }
  }

  #remove(): void {
    const { id, layers } = this.definition;
    for (const layer of layers) if (this.map.getLayer(layer.id)) this.map.removeLayer(layer.id);
    if (this.map.getSource(id)) this.map.removeSource(id);
  }

  #look(): void {
    const isUnderWay = this.#state === 'loading' || this.#state === 'waiting';
    if (isUnderWay && this.#hasTile && !this.#isFailing && this.map.isSourceLoaded(this.#definition.id))
      void this.#settle();
  }

  /** MapLibre loads an error with status 200 like any JSON, so the data has to be checked for features. */
  async #settle(): Promise<void> {
    const source = this.map.getSource(this.#definition.id);
    if (source instanceof GeoJSONSource && (await source.getData()).type !== 'FeatureCollection')
      return this.#explain();
    // The source may have been removed or replaced while MapLibre's worker returned the data.
    if (source !== undefined && source === this.map.getSource(this.#definition.id)) this.#become('loaded');
  }

  async #explain(): Promise<void> {
    if (this.#isFailing || !this.map.getSource(this.definition.id)) return;
    this.#isFailing = true;
    const access = await askAccess(this.definition.url);
    // The user switched the layer off, or signed in or out, in the meantime.
    if (!this.#isFailing || !this.map.getSource(this.definition.id)) return;
    const isOffline = !navigator.onLine;
    // What is saved of it stays.
    if (isOffline && access === 'readable') return this.#become('partial');
    this.#remove();
    if (isOffline && access === 'unreachable') return this.#become('not-saved');
    const states = {
      'sign-in-needed': 'signed-out',
      'not-allowed': 'not-allowed',
      readable: 'failed',
      unreachable: 'failed',
    } as const;
    this.#become(states[access]);
  }

  #become(state: LayerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new Event('change'));
  }
}
