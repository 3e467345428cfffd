// Operations of a feature layer beside `query`: the first features of each group, related features, domains, renderers.
import { EnvelopeError, jsonResponse } from '../responses.js';
import type { ServiceRequest, ServiceResponse } from '../service-request.js';
import { textOf } from './edit-input.js';
import type { Feature, FeatureLayer } from './feature-layer.js';
import { featuresResponse } from './feature-query.js';
import { esriGeometry, mercator, parseProjection } from './geometry.js';
import { domainOf, queryFieldJson } from './layer-json.js';
import { fieldNamed, isTrue, order, outFields, parseObjectIds, refusal, select } from './query-parts.js';
import { generateRenderer } from './renderers.js';
import { compileWhere } from './where-clause.js';

/** Members of a parameter that is a JSON object. @throws {@link EnvelopeError} 400 where it is not. */
export function parseObject(name: string, text: string | null): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return new Map(Object.entries(value));
  } catch {
    // Reported below.
  }
  throw refusal(`'${name}' must be a JSON object.`);
}

/** `topFilter`: so many features of each group, in an order of their own. */
function queryTopFeatures(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  const { params } = request;
  const filter = parseObject('topFilter', params.get('topFilter'));
  const topCount = Number(filter.get('topCount') ?? 1);
  if (!Number.isInteger(topCount) || topCount < 1) throw refusal("'topFilter.topCount' must be a number.");
  const keys = list(filter.get('groupByFields')).map((name) => fieldNamed(name, layer.fields));
  const orderBy = list(filter.get('orderByFields')).join(',');
  const taken = new Map<string, number>();
  const top = order(select(layer, params), orderBy, layer.fields).filter(({ attributes }) => {
    const group = JSON.stringify(keys.map(({ name }) => attributes[name] ?? null));
    const count = (taken.get(group) ?? 0) + 1;
    taken.set(group, count);
    return count <= topCount;
  });
  return featuresResponse(layer, request, order(top, params.get('orderByFields'), layer.fields));
}

/** A list that clients send as an array or as text with commas. */
const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value.map(String) : textOf(value).split(',')).filter((name) => name.trim() !== '');

function queryRelatedRecords(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  const { params } = request;
  const { relationship } = layer;
  if (!relationship || (params.get('relationshipId') ?? '0') !== '0')
    throw refusal("'relationshipId' names no relationship of the layer.");
  const ids = parseObjectIds(params.get('objectIds'));
  if (!ids) throw refusal("'objectIds' must name the features.");
  const projection = parseProjection('outSR', params.get('outSR'), mercator);
  const fields = outFields(params.get('outFields'), layer.fields);
  const returnsGeometry = isTrue(params, 'returnGeometry', true);
  const returnsCount = isTrue(params, 'returnCountOnly');
  const isWanted = compileWhere(params.get('definitionExpression') ?? '', layer.fields);
  const related = (origin: Feature): readonly Feature[] =>
    order(
      layer.features.filter(
        ({ objectId, attributes }) =>
          objectId !== origin.objectId &&
          attributes[relationship.keyField] === origin.attributes[relationship.keyField] &&
          isWanted(attributes),
      ),
      params.get('orderByFields'),
      layer.fields,
    );
  const precision = {
    decimals: projection.decimals,
    maxOffset: Number(params.get('maxAllowableOffset') ?? 0),
  };
  return jsonResponse(request, {
    geometryType: layer.geometryType,
    spatialReference: projection.json,
    fields: fields.map(queryFieldJson),
    relatedRecordGroups: layer.features
      .filter(({ objectId }) => ids.has(objectId))
      .map((origin) => ({
        objectId: origin.objectId,
        ...(returnsCount
          ? { count: related(origin).length }
          : {
              relatedRecords: related(origin).map(({ attributes, shape }) => ({
                attributes: Object.fromEntries(fields.map(({ name }) => [name, attributes[name] ?? null])),
                ...(returnsGeometry ? { geometry: esriGeometry(shape, projection, precision) } : {}),
              })),
            }),
      })),
  });
}

/** `{service}/queryDomains`: the coded values of the fields of the layers asked for. */
export function queryDomains(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  const layers: unknown = parseLayers(request.params.get('layers'));
  if (!Array.isArray(layers) || layers.some((id) => id !== 0))
    throw new EnvelopeError(400, 'Invalid or missing input parameters.', ["'layers' must be [0]."]);
  return jsonResponse(request, { domains: layer.fields.map(domainOf).filter((domain) => domain !== null) });
}

function parseLayers(text: string | null): unknown {
  try {
    return text === null || text === '' ? [0] : JSON.parse(text.startsWith('[') ? text : `[${text}]`);
  } catch {
    return undefined;
  }
}

function rendererResponse(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  const { params } = request;
  return jsonResponse(
    request,
    generateRenderer(
      layer,
      select(layer, params),
      parseObject('classificationDef', params.get('classificationDef')),
    ),
  );
}

const operations: Readonly<
  Record<string, (layer: FeatureLayer, request: ServiceRequest) => ServiceResponse>
> = { queryTopFeatures, queryRelatedRecords, generateRenderer: rendererResponse };

/** @returns `undefined` where there is no such operation. */
export const otherQuery = (
  name: string,
  layer: FeatureLayer,
  request: ServiceRequest,
): ServiceResponse | undefined =>
  Object.hasOwn(operations, name) ? operations[name]?.(layer, request) : undefined;
