// Files that hang on features: their listing, one file, and queryAttachments.
import { bytesAnswer, jsonAnswer } from '../answers.js';
import type { ServiceAnswer, ServiceRequest } from '../service-request.js';
import type { Attachment, Feature, FeatureLayer } from './feature-layer.js';
import { parseObjectIds } from './feature-query.js';
import { compileWhere } from './where-clause.js';

const attachmentInfo = ({ id, name, contentType, content }: Attachment): Record<string, unknown> => ({
  id,
  name,
  contentType,
  size: content().length,
});

/** `{layer}/{oid}/attachments` and `{layer}/{oid}/attachments/{id}`. */
export function attachmentAnswer(
  request: ServiceRequest,
  attachments: readonly Attachment[],
  id: string | undefined,
): ServiceAnswer | undefined {
  if (id === undefined) return jsonAnswer(request, { attachmentInfos: attachments.map(attachmentInfo) });
  const attachment = attachments.find((candidate) => String(candidate.id) === id);
  if (!attachment) return undefined;
  return bytesAnswer(attachment.content(), attachment.contentType, { filename: attachment.name });
}

/** `{layer}/queryAttachments`: the listings of several features at once. */
export function queryAttachments(
  request: ServiceRequest,
  layer: FeatureLayer,
  attachmentsOf: (feature: Feature) => readonly Attachment[],
): ServiceAnswer {
  const ids = parseObjectIds(request.params.get('objectIds'));
  const isWanted = compileWhere(request.params.get('definitionExpression') ?? '', layer.fields);
  return jsonAnswer(request, {
    attachmentGroups: layer.features
      .filter(({ objectId, attributes }) => (!ids || ids.has(objectId)) && isWanted(attributes))
      .map((feature) => ({
        parentObjectId: feature.objectId,
        attachmentInfos: attachmentsOf(feature).map(attachmentInfo),
      })),
  });
}
