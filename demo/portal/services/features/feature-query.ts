// Handles `{layer}/query`: selects, orders, pages and converts features, and writes them in the requested format.
import { bytesResponse, jsonResponse } from '../responses.js';
import type { ServiceResponse, ServiceRequest } from '../service-request.js';
import { halfWorldM } from '../mercator.js';
import {
  globalIdField,
  layerBox,
  maxRecordCount,
  objectIdField,
  type Feature,
  type FeatureLayer,
  type Shape,
} from './feature-layer.js';
import { countPbf, featuresPbf, objectIdsPbf, type Quantization } from './feature-pbf.js';
import {
  esriGeometry,
  geographic,
  geoJsonGeometry,
  mercator,
  parseProjection,
  type Projection,
} from './geometry.js';
import { isTrue, numberParameter, order, outFields, refusal, select } from './query-parts.js';
import { queryFieldJson } from './layer-json.js';
import { statisticsOf, type Statistics } from './statistics.js';

const member = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null ? new Map<string, unknown>(Object.entries(of)).get(name) : undefined;

const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise;

/** Reads `quantizationParameters`. Default: a grid that is fine enough for the data. */
function quantizationFor(text: string | null, projection: Projection): Quantization {
  const [left, top] = projection === mercator ? [-halfWorldM, halfWorldM] : [-180, 90];
  const finest: Quantization = { scale: 10 ** -projection.decimals, translateX: left, translateY: top };
  if (text === null || text === '') return finest;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw refusal("'quantizationParameters' is not JSON.");
  }
  const tolerance = numberOr(member(given, 'tolerance'), finest.scale);
  const extent = member(given, 'extent');
  return {
    scale: tolerance > 0 ? tolerance : finest.scale,
    translateX: numberOr(member(extent, 'xmin'), left),
    translateY: numberOr(member(extent, 'ymax'), top),
  };
}

function extentOf(features: readonly Feature[], projection: Projection): Record<string, unknown> {
  if (features.length === 0)
    return { xmin: 'NaN', ymin: 'NaN', xmax: 'NaN', ymax: 'NaN', spatialReference: projection.json };
  const [west, south, east, north] = layerBox({ features });
  const [xmin, ymin] = projection.fromDegrees([west, south]);
  const [xmax, ymax] = projection.fromDegrees([east, north]);
  return { xmin, ymin, xmax, ymax, spatialReference: projection.json };
}

/** The shape of a row of statistics, which is never written. */
const nowhere: Shape = { kind: 'point', position: [0, 0] };

const pbfResponse = (bytes: Uint8Array): ServiceResponse => bytesResponse(bytes, 'application/x-protobuf');

/**
 * Runs a query.
 * @throws {@link EnvelopeError} 400 naming the parameter that cannot be understood.
 * @see https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/
 */
export function queryLayer(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  const { params } = request;
  formatOf(params);
  const selected = select(layer, params);
  const statistics = statisticsOf(layer, selected, params);
  return statistics
    ? statisticsResponse(layer, request, statistics)
    : featuresResponse(layer, request, order(selected, params.get('orderByFields'), layer.fields));
}

function formatOf(params: URLSearchParams): string {
  const format = params.get('f') ?? 'html';
  if (!['html', 'json', 'pjson', 'geojson', 'pbf'].includes(format))
    throw refusal(`'f=${format}' is not supported.`);
  return format;
}

function statisticsResponse(
  layer: FeatureLayer,
  request: ServiceRequest,
  { fields, rows }: Statistics,
): ServiceResponse {
  const { params } = request;
  // In the shape of features, so that they are ordered and written alike.
  const features = order(
    rows.map(({ attributes }, i): Feature => ({ objectId: i, attributes, shape: nowhere })),
    params.get('orderByFields'),
    fields,
  );
  if (isTrue(params, 'returnCountOnly')) return jsonResponse(request, { count: features.length });
  if (params.get('f') === 'pbf') {
    const { geometryType } = layer;
    return pbfResponse(
      featuresPbf({
        fields,
        features,
        geometryType,
        projection: mercator,
        quantization: quantizationFor(null, mercator),
        returnsGeometry: false,
        exceededTransferLimit: false,
      }),
    );
  }
  return jsonResponse(request, {
    objectIdFieldName: objectIdField.name,
    globalIdFieldName: '',
    fields: fields.map(queryFieldJson),
    features: features.map(({ attributes }) => ({ attributes })),
  });
}

/** Writes features, or their number, ids or extent, in the requested format. */
export function featuresResponse(
  layer: FeatureLayer,
  request: ServiceRequest,
  selected: readonly Feature[],
): ServiceResponse {
  const { params } = request;
  const format = formatOf(params);
  // GeoJSON is in degrees by definition, whatever outSR says (RFC 7946 §4).
  const projection =
    format === 'geojson' ? geographic : parseProjection('outSR', params.get('outSR'), mercator);

  if (isTrue(params, 'returnCountOnly') || isTrue(params, 'returnExtentOnly')) {
    if (format === 'pbf') return pbfResponse(countPbf(selected.length));
    const extent = isTrue(params, 'returnExtentOnly') ? { extent: extentOf(selected, projection) } : {};
    return jsonResponse(request, { count: selected.length, ...extent });
  }
  if (isTrue(params, 'returnIdsOnly')) {
    const objectIds = selected.map(({ objectId }) => objectId);
    if (format === 'pbf') return pbfResponse(objectIdsPbf(objectIds));
    return jsonResponse(request, { objectIdFieldName: objectIdField.name, objectIds });
  }

  const first = numberParameter(params, 'resultOffset') ?? 0;
  const most = Math.min(numberParameter(params, 'resultRecordCount') ?? maxRecordCount, maxRecordCount);
  const features = selected.slice(first, first + most);
  const exceededTransferLimit = selected.length > first + features.length;
  const fields = outFields(params.get('outFields'), layer.fields);
  const returnsGeometry = isTrue(params, 'returnGeometry', true);
  const precision = {
    decimals: Math.min(numberParameter(params, 'geometryPrecision') ?? projection.decimals, 12),
    maxOffset: numberParameter(params, 'maxAllowableOffset') ?? 0,
  };
  const attributesOf = (feature: Feature): Record<string, unknown> =>
    Object.fromEntries(fields.map(({ name }) => [name, feature.attributes[name] ?? null]));

  if (format === 'pbf') {
    const quantization = quantizationFor(params.get('quantizationParameters'), projection);
    const { geometryType } = layer;
    return pbfResponse(
      featuresPbf({
        fields,
        features,
        geometryType,
        projection,
        quantization,
        returnsGeometry,
        exceededTransferLimit,
      }),
    );
  }
  if (format === 'geojson') {
    return jsonResponse(request, {
      type: 'FeatureCollection',
      ...(exceededTransferLimit ? { properties: { exceededTransferLimit } } : {}),
      features: features.map((feature) => ({
        type: 'Feature',
        id: feature.objectId,
        geometry: returnsGeometry ? geoJsonGeometry(feature.shape, precision) : null,
        properties: attributesOf(feature),
      })),
    });
  }
  return jsonResponse(request, {
    objectIdFieldName: objectIdField.name,
    uniqueIdField: { name: objectIdField.name, isSystemMaintained: true },
    globalIdFieldName: layer.editableBy === undefined ? '' : globalIdField.name,
    ...(returnsGeometry ? { geometryType: layer.geometryType, spatialReference: projection.json } : {}),
    fields: fields.map(queryFieldJson),
    ...(exceededTransferLimit ? { exceededTransferLimit } : {}),
    features: features.map((feature) => ({
      attributes: attributesOf(feature),
      ...(returnsGeometry ? { geometry: esriGeometry(feature.shape, projection, precision) } : {}),
    })),
  });
}
