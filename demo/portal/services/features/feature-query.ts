// Handles `{layer}/query`: selects, orders, pages and converts features, and writes them in the requested format.
import { EnvelopeError, bytesResponse, jsonResponse } from '../responses.js';
import type { ServiceResponse, ServiceRequest } from '../service-request.js';
import { halfWorldM } from '../mercator.js';
import {
  layerBox,
  maxRecordCount,
  objectIdField,
  type Feature,
  type FeatureLayer,
  type Field,
} from './feature-layer.js';
import { countPbf, featuresPbf, objectIdsPbf, type Quantization } from './feature-pbf.js';
import {
  esriGeometry,
  geographic,
  geoJsonGeometry,
  meetsBox,
  mercator,
  parseProjection,
  parseSearchArea,
  type Projection,
} from './geometry.js';
import { compareValues, compileWhere } from './where-clause.js';

const refusal = (detail: string): EnvelopeError =>
  new EnvelopeError(400, 'Cannot perform query. Invalid query parameters.', [detail]);

const isTrue = (params: URLSearchParams, name: string, otherwise = false): boolean =>
  params.has(name) && params.get(name) !== '' ? params.get(name)!.toLowerCase() === 'true' : otherwise;

function numberParameter(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw refusal(`'${name}' must be a number.`);
  return value;
}

function fieldNamed(name: string, fields: readonly Field[]): Field {
  const field = fields.find((candidate) => candidate.name.toLowerCase() === name.trim().toLowerCase());
  if (!field) throw refusal(`'Invalid field: ${name.trim()}' parameter is invalid`);
  return field;
}

/** `outFields`: names or `*`. Default: the object id. */
function outFields(text: string | null, fields: readonly Field[]): readonly Field[] {
  if (text === null || text.trim() === '') return [objectIdField];
  if (text.split(',').some((name) => name.trim() === '*')) return fields;
  return [...new Set(text.split(',').map((name) => fieldNamed(name, fields)))];
}

/** Ids of `objectIds`, or `undefined` when the parameter is absent. */
export function parseObjectIds(text: string | null): Set<number> | undefined {
  if (text === null || text.trim() === '') return undefined;
  const ids = text.split(',').map(Number);
  if (ids.some(Number.isNaN)) throw refusal("'objectIds' must be numbers.");
  return new Set(ids);
}

function select(layer: FeatureLayer, params: URLSearchParams): Feature[] {
  const isWanted = compileWhere(params.get('where') ?? '', layer.fields);
  const ids = parseObjectIds(params.get('objectIds'));
  const areaText = params.get('geometry');
  const area =
    areaText === null || areaText === ''
      ? undefined
      : // A spatial reference in the geometry takes precedence over inSR. Default: degrees.
        parseSearchArea(
          areaText,
          parseProjection(
            'inSR',
            /"spatialReference"\s*:\s*\{[^}]*\}/.exec(areaText)?.[0] ?? params.get('inSR'),
            geographic,
          ),
        );
  return layer.features.filter(
    (feature) =>
      (!ids || ids.has(feature.objectId)) &&
      isWanted(feature.attributes) &&
      (!area || meetsBox(feature.shape, area)),
  );
}

function order(features: Feature[], text: string | null, fields: readonly Field[]): Feature[] {
  if (text === null || text.trim() === '') return features;
  const keys = text.split(',').map((part) => {
    const [name = '', direction = 'ASC', ...rest] = part.trim().split(/\s+/);
    if (!/^(ASC|DESC)$/i.test(direction) || rest.length > 0) throw refusal("'orderByFields' is invalid.");
    return { field: fieldNamed(name, fields), sign: direction.toUpperCase() === 'DESC' ? -1 : 1 };
  });
  return features.toSorted((a, b) => {
    for (const { field, sign } of keys) {
      const result = compareValues(a.attributes[field.name] ?? '', b.attributes[field.name] ?? '');
      if (result !== 0) return result * sign;
    }
    return a.objectId - b.objectId;
  });
}

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

const pbfResponse = (bytes: Uint8Array): ServiceResponse => bytesResponse(bytes, 'application/x-protobuf');

/**
 * Runs a query.
 * @throws {@link EnvelopeError} 400 naming the parameter that cannot be understood.
 * @see https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/
 */
export function queryLayer(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  const { params } = request;
  const format = params.get('f') ?? 'html';
  if (!['html', 'json', 'pjson', 'geojson', 'pbf'].includes(format))
    throw refusal(`'f=${format}' is not supported.`);
  // GeoJSON is in degrees by definition, whatever outSR says (RFC 7946 §4).
  const projection =
    format === 'geojson' ? geographic : parseProjection('outSR', params.get('outSR'), mercator);
  const selected = order(select(layer, params), params.get('orderByFields'), layer.fields);

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
    globalIdFieldName: '',
    ...(returnsGeometry ? { geometryType: layer.geometryType, spatialReference: projection.json } : {}),
    fields,
    ...(exceededTransferLimit ? { exceededTransferLimit } : {}),
    features: features.map((feature) => ({
      attributes: attributesOf(feature),
      ...(returnsGeometry ? { geometry: esriGeometry(feature.shape, projection, precision) } : {}),
    })),
  });
}
