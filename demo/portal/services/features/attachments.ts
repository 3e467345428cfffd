// Attachments of features: the list, one file, and queryAttachments.
import { bytesResponse, jsonResponse } from '../responses.js';
import type { ServiceResponse, ServiceRequest } from '../service-request.js';
import type { Attachment, Feature, FeatureLayer } from './feature-layer.js';
import { parseObjectIds } from './query-parts.js';
import { compileWhere } from './where-clause.js';

const attachmentInfo = ({ id, name, contentType, content }: Attachment): Record<string, unknown> => ({
  id,
  name,
  contentType,
  size: content().length,
});

/** `{layer}/{oid}/attachments` and `{layer}/{oid}/attachments/{id}`. */
export function attachmentResponse(
  request: ServiceRequest,
  attachments: readonly Attachment[],
  id: string | undefined,
): ServiceResponse | undefined {
  if (id === undefined) return jsonResponse(request, { attachmentInfos: attachments.map(attachmentInfo) });
  const attachment = attachments.find((candidate) => String(candidate.id) === id);
  if (!attachment) return undefined;
  return bytesResponse(attachment.content(), attachment.contentType, { filename: attachment.name });
}

/** `{layer}/queryAttachments`: the listings of several features at once. */
export function queryAttachments(
  request: ServiceRequest,
  layer: FeatureLayer,
  attachmentsOf: (feature: Feature) => readonly Attachment[],
): ServiceResponse {
  const ids = parseObjectIds(request.params.get('objectIds'));
  const isWanted = compileWhere(request.params.get('definitionExpression') ?? '', layer.fields);
  return jsonResponse(request, {
    attachmentGroups: layer.features
      .filter(({ objectId, attributes }) => (!ids || ids.has(objectId)) && isWanted(attributes))
      .map((feature) => ({
        parentObjectId: feature.objectId,
        attachmentInfos: attachmentsOf(feature).map(attachmentInfo),
      })),
  });
}
