/** The queries that bring the features of an area, page by page: the same addresses when it is saved and when it is shown. */
import type { BoundingBox } from '../../protocol/areas.js';
import { identityError } from '../../protocol/errors.js';
import { isCount, isLayer } from './descriptions.js';
import { getJson } from './get-json.js';
import type { FeatureLayerSource } from './layers.js';
import { splitBox } from './tile-ranges.js';

/** @see ArcGIS REST API: Layer (Feature Service) */
interface LayerDescription {
  readonly maxRecordCount?: number | null;
  readonly advancedQueryCapabilities?: { readonly supportsPagination?: boolean } | null;
}

/** The addresses of a layer's features in a box. */
export interface FeatureRequests {
  /** Descriptions and counts, which {@link featurePages} asks for before it knows the pages. */
  readonly asked: readonly string[];
  readonly pages: readonly string[];
}

/** Of the layers that do not say how much they give at once. */
const DEFAULT_PAGE_SIZE = 1000;

/** More features than these are no area that a browser can keep. */
const MAX_FEATURES = 10_000_000;

/**
 * The addresses of the pages of a layer's features in a box, as {@link OfflineAreas.save} keeps them. Asks the layer for its
 * description and the number of features; both are kept too, so that it works offline with the same argument.
 *
 * @param bbox - West, south, east, north, in degrees; the area's own.
 * @throws PortalError `answer-unusable`; ConfigurationError `layer-unsupported`, `option-invalid`; a TypeError where the network fails.
 * @see ArcGIS REST API: Query (Feature Service/Layer)
 */
export async function featurePages(
  layer: FeatureLayerSource,
  bbox: BoundingBox,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly string[]> {
  return (await featureRequests(layer, bbox, signal)).pages;
}

/** What {@link featurePages} returns, and what it asks for. */
export async function featureRequests(
  layer: FeatureLayerSource,
  bbox: BoundingBox,
  signal: AbortSignal | undefined,
): Promise<FeatureRequests> {
  const boxes = splitBox(bbox);
  const description = `${layer.url}?f=json`;
  const layerInfo = await getJson<LayerDescription>(description, isLayer, signal);
  const maxRecordCount = layerInfo.maxRecordCount ?? DEFAULT_PAGE_SIZE;
  const size = Math.max(1, Math.min(layer.pageSize ?? maxRecordCount, maxRecordCount));
  const counts = boxes.map((box) => queryOf(layer, box, { returnCountOnly: 'true', f: 'json' }));
  const pages = await Promise.all(
    boxes.map(async (box, index) => {
      const { count } = await getJson<{ count: number }>(counts[index] ?? '', isCount, signal);
      const isPaged = layerInfo.advancedQueryCapabilities?.supportsPagination !== false;
      if ((count > size && !isPaged) || count > MAX_FEATURES)
        throw identityError('layer-unsupported', { origin: new URL(layer.url).origin });
      return Array.from({ length: Math.ceil(count / size) }, (_, page) =>
        queryOf(layer, box, { resultOffset: String(page * size), resultRecordCount: String(size) }),
      );
    }),
  );
  return { asked: [description, ...counts], pages: pages.flat() };
}

function queryOf(
  { url, where = '1=1', outFields = '*', format = 'geojson', outSR = 4326 }: FeatureLayerSource,
  box: BoundingBox,
  more: Readonly<Record<string, string>>,
): string {
  const parameters = new URLSearchParams({
    where,
    geometry: box.join(','),
    geometryType: 'esriGeometryEnvelope',
    inSR: '4326',
    spatialRel: 'esriSpatialRelIntersects',
    outFields,
    outSR: String(outSR),
    f: format,
    ...more,
  });
  return `${url}/query?${parameters.toString()}`;
}
