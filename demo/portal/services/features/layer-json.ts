// The JSON descriptions of a feature layer and of its service.
import {
  createdField,
  creatorField,
  globalIdField,
  layerBox,
  maxRecordCount,
  mercatorExtent,
  objectIdField,
  webMercator,
  type FeatureLayer,
  type Field,
} from './feature-layer.js';

const supportedQueryFormats = 'JSON, geoJSON, PBF';

const capabilitiesOf = ({ editableBy }: FeatureLayer): string =>
  editableBy === undefined ? 'Query,Extract' : 'Create,Delete,Query,Update,Editing,Extract';

const isWritable = ({ type, isTracked }: Field): boolean =>
  type !== 'esriFieldTypeOID' && type !== 'esriFieldTypeGlobalID' && isTracked !== true;

export const domainOf = ({ name, codedValues }: Field): Record<string, unknown> | null =>
  codedValues === undefined
    ? null
    : {
        type: 'codedValue',
        name,
        codedValues: codedValues.map((code) => ({ name: code, code })),
      };

/** A field as in the results of a query. */
export const queryFieldJson = ({ name, alias, type, length }: Field): Record<string, unknown> => ({
  name,
  alias,
  type,
  ...(length === undefined ? {} : { length }),
});

const fieldJson = (layer: FeatureLayer, field: Field): Record<string, unknown> => ({
  ...queryFieldJson(field),
  nullable: field.type !== 'esriFieldTypeOID' && field.type !== 'esriFieldTypeGlobalID',
  editable: layer.editableBy !== undefined && isWritable(field),
  domain: domainOf(field),
  defaultValue: null,
});

/** The service resource: `{name}/FeatureServer?f=json`. */
export function serviceJson(layer: FeatureLayer): Record<string, unknown> {
  const extent = mercatorExtent(layerBox(layer));
  return {
    currentVersion: 11.3,
    serviceDescription: layer.description,
    hasVersionedData: false,
    maxRecordCount,
    supportedQueryFormats,
    capabilities: capabilitiesOf(layer),
    description: layer.description,
    copyrightText: layer.copyright,
    spatialReference: webMercator,
    initialExtent: extent,
    fullExtent: extent,
    units: 'esriMeters',
    allowGeometryUpdates: layer.editableBy !== undefined,
    supportsApplyEditsWithGlobalIds: layer.editableBy !== undefined,
    supportsQueryDomains: true,
    layers: [
      { id: 0, name: layer.name, type: 'Feature Layer', geometryType: layer.geometryType, parentLayerId: -1 },
    ],
    tables: [],
  };
}

/** The layer resource: `{name}/FeatureServer/0?f=json`. */
export function layerJson(layer: FeatureLayer): Record<string, unknown> {
  return {
    currentVersion: 11.3,
    id: 0,
    name: layer.name,
    type: 'Feature Layer',
    description: layer.description,
    copyrightText: layer.copyright,
    displayField: layer.displayField,
    objectIdField: objectIdField.name,
    uniqueIdField: { name: objectIdField.name, isSystemMaintained: true },
    globalIdField: layer.editableBy === undefined ? '' : globalIdField.name,
    geometryType: layer.geometryType,
    hasAttachments: layer.attachmentsOf !== undefined,
    hasZ: false,
    hasM: false,
    relationships: layer.relationship === undefined ? [] : [relationshipJson(layer.relationship)],
    maxRecordCount,
    standardMaxRecordCount: maxRecordCount,
    supportedQueryFormats,
    supportsCoordinatesQuantization: true,
    supportsStatistics: true,
    supportsAdvancedQueries: true,
    supportsPagination: true,
    supportsExceedsLimitStatistics: true,
    advancedQueryCapabilities: {
      supportsPagination: true,
      supportsOrderBy: true,
      supportsReturningQueryExtent: true,
      supportsSqlExpression: false,
      supportsStatistics: true,
      supportsDistinct: true,
      supportsTopFeaturesQuery: true,
      supportsQueryRelatedPagination: false,
      supportsQueryAttachments: layer.attachmentsOf !== undefined,
    },
    useStandardizedQueries: true,
    capabilities: capabilitiesOf(layer),
    ...editingJson(layer),
    minScale: 0,
    maxScale: 0,
    extent: mercatorExtent(layerBox(layer)),
    drawingInfo: { renderer: layer.renderer, transparency: 0 },
    fields: layer.fields.map((field) => fieldJson(layer, field)),
  };
}

function editingJson({ editableBy }: FeatureLayer): Record<string, unknown> {
  if (editableBy === undefined) return {};
  return {
    allowGeometryUpdates: true,
    supportsApplyEditsWithGlobalIds: true,
    supportsRollbackOnFailureParameter: true,
    supportsAsyncDelete: false,
    ...(editableBy === 'creator'
      ? {
          editFieldsInfo: { creatorField: creatorField.name, creationDateField: createdField.name },
          ownershipBasedAccessControlForFeatures: {
            allowOthersToQuery: true,
            allowOthersToUpdate: false,
            allowOthersToDelete: false,
          },
        }
      : {}),
  };
}

const relationshipJson = ({
  name,
  keyField,
}: NonNullable<FeatureLayer['relationship']>): Record<string, unknown> => ({
  id: 0,
  name,
  relatedTableId: 0,
  cardinality: 'esriRelCardinalityManyToMany',
  role: 'esriRelRoleOrigin',
  keyField,
  composite: false,
});
