// Routes the operations of one FeatureServer with a single layer.
import { EnvelopeError, envelopeResponse, jsonResponse } from '../responses.js';
import type { ServiceResponse, ServiceHandler, ServiceRequest } from '../service-request.js';
import { attachmentResponse, queryAttachments } from './attachments.js';
import { editOperation, serviceEdits } from './edit-operations.js';
import type { FeatureLayer } from './feature-layer.js';
import { queryLayer } from './feature-query.js';
import { esriGeometry, mercator, parseProjection } from './geometry.js';
import { layerJson, serviceJson } from './layer-json.js';
import { otherQuery, queryDomains } from './more-queries.js';

function featureResponse(
  layer: FeatureLayer,
  request: ServiceRequest,
  parts: readonly string[],
): ServiceResponse | undefined {
  const [objectId, operation, id, ...rest] = parts;
  const feature = layer.features.find((candidate) => String(candidate.objectId) === objectId);
  if (!feature || rest.length > 0) return undefined;
  if (operation === 'attachments' && layer.attachmentsOf) {
    return attachmentResponse(request, layer.attachmentsOf(feature), id);
  }
  if (operation !== undefined) return undefined;
  const projection = parseProjection('outSR', request.params.get('outSR'), mercator);
  const geometry = esriGeometry(feature.shape, projection, { decimals: projection.decimals, maxOffset: 0 });
  return jsonResponse(request, {
    feature: { attributes: feature.attributes, geometry: { ...geometry, spatialReference: projection.json } },
  });
}

function route(layer: FeatureLayer, rest: string, request: ServiceRequest): ServiceResponse | undefined {
  const [layerId, operation, ...parts] = rest.split('/').filter((part) => part !== '');
  if (layerId === undefined) return jsonResponse(request, serviceJson(layer));
  if (layerId === 'layers') return jsonResponse(request, { layers: [layerJson(layer)], tables: [] });
  if (layerId === 'applyEdits') return serviceEdits(layer, request);
  if (layerId === 'queryDomains') return queryDomains(layer, request);
  if (layerId !== '0') return undefined;
  if (operation === undefined) return jsonResponse(request, layerJson(layer));
  if (operation === 'query' && parts.length === 0) return queryLayer(layer, request);
  if (operation === 'queryAttachments' && layer.attachmentsOf) {
    return queryAttachments(request, layer, layer.attachmentsOf);
  }
  const response =
    parts.length > 0
      ? undefined
      : (otherQuery(operation, layer, request) ?? editOperation(operation, layer, request));
  return response ?? featureResponse(layer, request, [operation, ...parts]);
}

/** A FeatureServer over one layer, always with id 0. */
export const featureServer =
  (layer: FeatureLayer): ServiceHandler =>
  (rest, request) => {
    try {
      return route(request.edits.current(layer), rest, request);
    } catch (error) {
      if (error instanceof EnvelopeError) return envelopeResponse(request, error);
      throw error;
    }
  };
