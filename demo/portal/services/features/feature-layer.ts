// A feature layer: fields, features, and what may be done with it.
import { createHash } from 'node:crypto';
import { toMetres } from '../mercator.js';
import type { Box, Position, Ring } from '../shapes.js';

export type AttributeValue = string | number | null;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface Field {
  name: string;
  alias: string;
  type:
    | 'esriFieldTypeOID'
    | 'esriFieldTypeString'
    | 'esriFieldTypeInteger'
    | 'esriFieldTypeDouble'
    | 'esriFieldTypeDate'
    | 'esriFieldTypeGlobalID';
  /** Maximum length of strings. */
  length?: number;
  /** Values with a meaning, by which clients make lists to choose from. */
  codedValues?: readonly string[];
  /** Written by the portal only: who added a feature, and when. */
  isTracked?: boolean;
}

export type GeometryType = 'esriGeometryPoint' | 'esriGeometryPolyline' | 'esriGeometryPolygon';

export type Shape =
  | { kind: 'point'; position: Position }
  | { kind: 'line'; paths: readonly Ring[]; box: Box }
  | {
      kind: 'polygon';
      polygons: readonly (readonly Ring[])[];
      /** A generalized version for small scales, where there is one. */
      generalised?: readonly (readonly Ring[])[] | undefined;
      box: Box;
    };

export interface Feature {
  objectId: number;
  attributes: Attributes;
  shape: Shape;
}

export interface Attachment {
  id: number;
  name: string;
  contentType: string;
  /** Draws the file. The bytes are the same each time. */
  content: () => Uint8Array;
}

export interface FeatureLayer {
  name: string;
  description: string;
  copyright: string;
  displayField: string;
  geometryType: GeometryType;
  fields: readonly Field[];
  features: readonly Feature[];
  renderer: Record<string, unknown>;
  /** Present on layers with attachments. */
  attachmentsOf?: (feature: Feature) => readonly Attachment[];
  /**
   * Who may change features, of those who may read the layer: all users, or of each feature the user who added it.
   * Without it, nobody. Such layers have the field {@link globalIdField}, those of a creator {@link creatorField} too.
   */
  editableBy?: 'every-user' | 'creator';
  /** A relationship of the layer with itself: features with the same value of a field. */
  relationship?: { name: string; keyField: string };
}

/** The id field of every layer. */
export const objectIdField: Field = { name: 'OBJECTID', alias: 'Object id', type: 'esriFieldTypeOID' };

/** The field of layers whose features can be changed: an id that clients may choose (`useGlobalIds`). */
export const globalIdField: Field = { name: 'GLOBALID', alias: 'Global id', type: 'esriFieldTypeGlobalID' };

/** Who added the feature, and when: set by the portal. */
export const creatorField: Field = {
  name: 'CREATOR',
  alias: 'Added by',
  type: 'esriFieldTypeString',
  length: 64,
  isTracked: true,
};
export const createdField: Field = {
  name: 'CREATED',
  alias: 'Added',
  type: 'esriFieldTypeDate',
  length: 8,
  isTracked: true,
};

/** Global id of a feature that comes with the portal: the same each time. */
export function globalIdOf(layer: string, objectId: number): string {
  const hex = createHash('sha256').update(`${layer}/${objectId}`).digest('hex').toUpperCase();
  return `{${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')}}`;
}

/** Maximum number of features in a query response; `resultOffset` gets more. */
export const maxRecordCount = 1000;

export const webMercator = { wkid: 102100, latestWkid: 3857 } as const;

/** Box of a layer's features in degrees. */
export function layerBox({ features }: Pick<FeatureLayer, 'features'>): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { shape } of features) {
    const box: Box = shape.kind === 'point' ? [...shape.position, ...shape.position] : shape.box;
    [west, south] = [Math.min(west, box[0]), Math.min(south, box[1])];
    [east, north] = [Math.max(east, box[2]), Math.max(north, box[3])];
  }
  return [west, south, east, north];
}

/** A box in degrees as an ArcGIS extent in Web Mercator metres. */
export function mercatorExtent([west, south, east, north]: Box): Record<string, unknown> {
  const [xmin, ymin] = toMetres([west, south]);
  const [xmax, ymax] = toMetres([east, north]);
  return { xmin, ymin, xmax, ymax, spatialReference: webMercator };
}
