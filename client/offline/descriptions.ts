/** Whether what services say of themselves can be worked with. A member that is `null` counts as absent. */
import { isRecord } from '../../protocol/record.js';

type Fields = Readonly<Record<string, unknown>>;

/** Tells whether an answer has the shape that its reader needs. */
export type Shape = (answer: Fields) => boolean;

const isNumber = (value: unknown): boolean => Number.isFinite(value);

const isPositive = (value: unknown): boolean => isNumber(value) && Number(value) > 0;

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

const isArrayOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);

const isTileInfo = (value: unknown): boolean => {
  if (!isRecord(value)) return false;
  const { rows, cols, origin, spatialReference, lods } = value;
  return (
    isPositive(rows) &&
    isPositive(cols) &&
    isRecord(origin) &&
    isNumber(origin['x']) &&
    isNumber(origin['y']) &&
    isRecord(spatialReference) &&
    isArrayOf(
      lods,
      (lod) =>
        isRecord(lod) &&
        Number.isInteger(lod['level']) &&
        isPositive(lod['resolution']) &&
        isNumber(lod['scale']),
    )
  );
};

/** @see ArcGIS REST API: Map Service */
export const isCachedService: Shape = ({ tileInfo, fullExtent }) =>
  (isAbsent(tileInfo) || isTileInfo(tileInfo)) && (isAbsent(fullExtent) || isRecord(fullExtent));

/** The place of a tile, with no other placeholders. */
const tilePath = /^(?:[^{}]|\{[zxy]\})*$/;

/** @see ArcGIS REST API: Vector Tile Service */
export const isVectorTileService: Shape = (answer) =>
  isCachedService(answer) &&
  (isAbsent(answer['tiles']) ||
    isArrayOf(answer['tiles'], (path) => typeof path === 'string' && tilePath.test(path)));

/** @see MapLibre Style Specification */
export const isVectorStyle: Shape = ({ layers }) =>
  isAbsent(layers) ||
  isArrayOf(layers, (layer) => isRecord(layer) && (isAbsent(layer['layout']) || isRecord(layer['layout'])));

/** @see ArcGIS REST API: Layer (Feature Service) */
export const isLayer: Shape = ({ maxRecordCount, advancedQueryCapabilities }) =>
  (isAbsent(maxRecordCount) || isNumber(maxRecordCount)) &&
  (isAbsent(advancedQueryCapabilities) || isRecord(advancedQueryCapabilities));

/** @see ArcGIS REST API: Query (Feature Service/Layer), `returnCountOnly` */
export const isCount: Shape = ({ count }) => Number.isSafeInteger(count) && Number(count) >= 0;
