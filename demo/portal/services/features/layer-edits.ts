// The changes that users have made to features: kept in the memory of one portal, until it is reset.
import type { Feature, FeatureLayer } from './feature-layer.js';

interface Edited {
  features: readonly Feature[];
  /** Ids of removed features are not given again. */
  nextObjectId: number;
}

export class LayerEdits {
  readonly #edited = new Map<string, Edited>();

  /** @param now - The portal's clock, in ms. */
  constructor(readonly now: () => number) {}

  /** The layer with its features as they are now. */
  current(layer: FeatureLayer): FeatureLayer {
    const edited = this.#edited.get(layer.name);
    return edited === undefined ? layer : { ...layer, features: edited.features };
  }

  nextObjectId(layer: FeatureLayer): number {
    return (
      this.#edited.get(layer.name)?.nextObjectId ??
      Math.max(0, ...layer.features.map(({ objectId }) => objectId)) + 1
    );
  }

  replace(layer: FeatureLayer, features: readonly Feature[], nextObjectId: number): void {
    this.#edited.set(layer.name, { features, nextObjectId });
  }

  clear(): void {
    this.#edited.clear();
  }
}
