/**
 * Public entry for pages of an app that works offline. Importing it does nothing.
 *
 * @module identity-worker/offline
 */
export {
  AreaProgressEvent,
  OfflineAreas,
  type OfflineAreasEventMap,
  type SaveAreaOptions,
  type SavedArea,
  type SaveOptions,
} from './offline/areas.js';
export type { AreaEstimate } from './offline/estimate.js';
export { featurePages } from './offline/feature-pages.js';
export type {
  AreaContent,
  AreaLayer,
  FeatureLayer,
  FeatureLayerSource,
  MapServerLayer,
  RequestList,
  TileLayer,
  VectorTileLayer,
  ZoomRange,
} from './offline/layers.js';
export { PendingEdits, type PendingEdit } from './offline/pending-edits.js';
export type { EditState } from '../protocol/edits.js';
export type { BoundingBox } from '../protocol/areas.js';
