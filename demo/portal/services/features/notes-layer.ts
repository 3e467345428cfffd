// The Notes layer: points with a text, which every user may add and only their author may change.
import {
  createdField,
  creatorField,
  globalIdField,
  globalIdOf,
  objectIdField,
  type Feature,
  type FeatureLayer,
} from './feature-layer.js';

const note = (
  objectId: number,
  creator: string,
  text: string,
  longitude: number,
  latitude: number,
): Feature => ({
  objectId,
  attributes: {
    OBJECTID: objectId,
    GLOBALID: globalIdOf('Notes', objectId),
    TEXT: text,
    CREATOR: creator,
    CREATED: Date.UTC(2026, 0, 6),
  },
  shape: { kind: 'point', position: [longitude, latitude] },
});

export const notesLayer: FeatureLayer = {
  name: 'Notes',
  description: 'Notes that users put on the map.',
  copyright: 'Made up.',
  displayField: 'TEXT',
  geometryType: 'esriGeometryPoint',
  fields: [
    objectIdField,
    globalIdField,
    { name: 'TEXT', alias: 'Text', type: 'esriFieldTypeString', length: 200 },
    creatorField,
    createdField,
  ],
  features: [
    note(1, 'ana', 'The gauge needs a new battery.', 10.4, 51.1),
    note(2, 'ben', 'The road is closed in winter.', 8.2, 46.8),
  ],
  renderer: {
    type: 'simple',
    symbol: {
      type: 'esriSMS',
      style: 'esriSMSSquare',
      size: 9,
      color: [106, 76, 147, 255],
      outline: { color: [255, 255, 255, 255], width: 1 },
    },
  },
  editableBy: 'creator',
};
