// Reads the features of an edit: attributes and geometry as clients send them, checked against the layer's fields.
import { EnvelopeError } from '../responses.js';
import type { Position } from '../shapes.js';
import {
  globalIdField,
  objectIdField,
  type AttributeValue,
  type FeatureLayer,
  type Field,
} from './feature-layer.js';
import { mercator, parseProjection } from './geometry.js';

/** One edit that cannot be made. Its message is the `description` in the result. */
export class EditError extends Error {
  constructor(
    readonly code: number,
    description: string,
  ) {
    super(description);
  }
}

/** Esri documents few codes; this one stands for whatever is wrong with the feature. */
export const invalidFeature = 1000;

export interface EditInput {
  /** As sent, for the result. */
  readonly objectId: number | undefined;
  readonly globalId: string | undefined;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly position: Position | undefined;
}

/** @throws {@link EnvelopeError} 400 where the parameter is not a JSON array. */
export function parseArray(name: string, text: string | null): unknown[] {
  if (text === null || text.trim() === '') return [];
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // Reported below.
  }
  throw new EnvelopeError(400, 'Unable to complete operation.', [`'${name}' must be a JSON array.`]);
}

/** `deletes`: ids as a JSON array or as a list with commas. */
export function parseIds(name: string, text: string | null): string[] {
  if (text === null || text.trim() === '') return [];
  const ids = text.trim().startsWith('[') ? parseArray(name, text) : text.split(',');
  return ids.map((id) => String(id).trim());
}

/** A member that should be text; anything else is none. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const record = (value: unknown): Map<string, unknown> =>
  new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);

/** Global ids are written with and without braces, in either case. */
export const sameGlobalId = (a: unknown, b: unknown): boolean =>
  canonicalGlobalId(a) === canonicalGlobalId(b);

export function canonicalGlobalId(id: unknown): string {
  const hex = String(id).replace(/[{}]/g, '').toUpperCase();
  return `{${hex}}`;
}

const globalIdPattern = /^\{[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}\}$/;

/** The ids of a feature that a client sent, for its result: they are there even if the rest cannot be read. */
export function idsOf(value: unknown): Pick<EditInput, 'objectId' | 'globalId'> {
  const byName = new Map(
    [...record(record(value).get('attributes'))].map(([name, each]) => [name.toUpperCase(), each]),
  );
  const [objectId, globalId] = [byName.get(objectIdField.name), byName.get(globalIdField.name)];
  return {
    objectId: typeof objectId === 'number' ? objectId : undefined,
    globalId: typeof globalId === 'string' ? canonicalGlobalId(globalId) : undefined,
  };
}

/** @throws {@link EditError} for unknown fields, values of another type, or a geometry that is not a point. */
export function readFeature(layer: FeatureLayer, value: unknown): EditInput {
  const feature = record(value);
  const attributes: Record<string, AttributeValue> = {};
  for (const [name, given] of record(feature.get('attributes'))) {
    const field = layer.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (!field) throw new EditError(invalidFeature, `The layer has no field "${name}".`);
    if (field !== objectIdField && field !== globalIdField && field.isTracked !== true)
      attributes[field.name] = valueFor(field, given);
  }
  const ids = idsOf(value);
  if (ids.globalId !== undefined && !globalIdPattern.test(ids.globalId))
    throw new EditError(invalidFeature, 'The global id is not a GUID.');
  return { ...ids, attributes, position: positionOf(feature.get('geometry')) };
}

function valueFor(field: Field, value: unknown): AttributeValue {
  if (value === null || value === undefined) return null;
  const isText = field.type === 'esriFieldTypeString';
  if (isText && typeof value === 'string') {
    if (field.length !== undefined && value.length > field.length)
      throw new EditError(invalidFeature, `The value of "${field.name}" is longer than ${field.length}.`);
    return value;
  }
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  if (!isText && isNumber && (field.type === 'esriFieldTypeDouble' || Number.isInteger(value))) return value;
  throw new EditError(invalidFeature, `The value of "${field.name}" is of the wrong type.`);
}

function positionOf(geometry: unknown): Position | undefined {
  if (geometry === null || geometry === undefined) return undefined;
  const members = record(geometry);
  const [x, y] = [members.get('x'), members.get('y')];
  if (typeof x !== 'number' || typeof y !== 'number' || !Number.isFinite(x) || !Number.isFinite(y))
    throw new EditError(invalidFeature, 'The geometry is not a point.');
  const reference = members.get('spatialReference');
  // Without a spatial reference, coordinates are in that of the layer.
  return parseProjection(
    'spatialReference',
    reference === undefined ? null : JSON.stringify(reference),
    mercator,
  ).toDegrees([x, y]);
}
