// The operations that change features: applyEdits of a layer and of a service, addFeatures, updateFeatures, deleteFeatures.
import { EnvelopeError, jsonResponse } from '../responses.js';
import type { ServiceRequest, ServiceResponse } from '../service-request.js';
import { applyEdits, type EditOutcome, type Edits } from './apply-edits.js';
import { parseArray, parseIds } from './edit-input.js';
import type { FeatureLayer } from './feature-layer.js';
import { isTrue, select } from './query-parts.js';

const unable = (code: number, detail: string): EnvelopeError =>
  new EnvelopeError(code, 'Unable to complete operation.', [detail]);

/** Applies the edits to the layer that the portal keeps. @throws {@link EnvelopeError} where nobody may, or nobody is signed in. */
function edit(layer: FeatureLayer, request: ServiceRequest, edits: Edits): EditOutcome {
  const { user, edits: kept } = request;
  if (layer.editableBy === undefined) throw unable(400, 'The layer does not support the operation.');
  if (user === undefined) throw unable(403, 'Only a user may change features.');
  const outcome = applyEdits(layer, edits, { user, nowMs: kept.now() }, kept.nextObjectId(layer));
  kept.replace(layer, outcome.features, outcome.nextObjectId);
  return outcome;
}

const optionsOf = (params: URLSearchParams): Pick<Edits, 'useGlobalIds' | 'rollbackOnFailure'> => ({
  useGlobalIds: isTrue(params, 'useGlobalIds'),
  rollbackOnFailure: isTrue(params, 'rollbackOnFailure', true),
});

const moment = ({ params, edits }: ServiceRequest): Record<string, unknown> =>
  isTrue(params, 'returnEditMoment') ? { editMoment: edits.now() } : {};

const resultsOf = ({ addResults, updateResults, deleteResults }: EditOutcome): Record<string, unknown> => ({
  addResults,
  updateResults,
  deleteResults,
});

function layerEdits(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  const { params } = request;
  const outcome = edit(layer, request, {
    adds: parseArray('adds', params.get('adds')),
    updates: parseArray('updates', params.get('updates')),
    deletes: parseIds('deletes', params.get('deletes')),
    ...optionsOf(params),
  });
  return jsonResponse(request, { ...resultsOf(outcome), ...moment(request) });
}

/** `{service}/applyEdits`: `edits` has the changes of each layer. */
export function serviceEdits(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  requirePost(request);
  const { params } = request;
  const results = parseArray('edits', params.get('edits')).map((value) => {
    const member = new Map<string, unknown>(Object.entries(value ?? {}));
    if (member.get('id') !== 0) throw unable(400, "'edits' names a layer that does not exist.");
    const list = (name: string): unknown[] => parseArray(name, JSON.stringify(member.get(name) ?? []));
    const outcome = edit(request.edits.current(layer), request, {
      adds: list('adds'),
      updates: list('updates'),
      deletes: list('deletes').map(String),
      ...optionsOf(params),
    });
    return { id: 0, ...resultsOf(outcome), ...moment(request) };
  });
  return jsonResponse(request, results);
}

const nothing = { adds: [], updates: [], deletes: [] } as const;

function addFeatures(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  const { params } = request;
  const adds = parseArray('features', params.get('features'));
  const { addResults } = edit(layer, request, { ...nothing, adds, ...optionsOf(params) });
  return jsonResponse(request, { addResults, ...moment(request) });
}

function updateFeatures(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  const { params } = request;
  const updates = parseArray('features', params.get('features'));
  const { updateResults } = edit(layer, request, { ...nothing, updates, ...optionsOf(params) });
  return jsonResponse(request, { updateResults, ...moment(request) });
}

/** By `objectIds`, or those that `where` and `geometry` select. */
function deleteFeatures(layer: FeatureLayer, request: ServiceRequest): ServiceResponse {
  const { params } = request;
  if (!['objectIds', 'where', 'geometry'].some((name) => params.get(name)))
    throw unable(400, "'objectIds', 'where' or 'geometry' must say which features.");
  const wanted = select(layer, params).map(({ objectId }) => String(objectId));
  const named = parseIds('objectIds', params.get('objectIds'));
  const { deleteResults } = edit(layer, request, {
    ...nothing,
    // An id that no feature has is reported, not passed over.
    deletes: params.get('where') || params.get('geometry') ? wanted : named,
    rollbackOnFailure: isTrue(params, 'rollbackOnFailure', true),
    useGlobalIds: false,
  });
  return jsonResponse(request, { deleteResults, ...moment(request) });
}

const operations: Readonly<
  Record<string, (layer: FeatureLayer, request: ServiceRequest) => ServiceResponse>
> = { applyEdits: layerEdits, addFeatures, updateFeatures, deleteFeatures };

/** @returns `undefined` where the operation does not change features. */
export function editOperation(
  name: string,
  layer: FeatureLayer,
  request: ServiceRequest,
): ServiceResponse | undefined {
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!operation) return undefined;
  requirePost(request);
  return operation(layer, request);
}

function requirePost({ method }: ServiceRequest): void {
  if (method !== 'POST') throw unable(405, 'The operation takes POST only.');
}
