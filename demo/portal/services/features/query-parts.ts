// The parameters that operations of a feature layer have in common: what is selected, in which order, with which fields.
import { EnvelopeError } from '../responses.js';
import { objectIdField, type Feature, type FeatureLayer, type Field } from './feature-layer.js';
import { geographic, meetsBox, parseProjection, parseSearchArea } from './geometry.js';
import { compareValues, compileWhere } from './where-clause.js';

export const refusal = (detail: string): EnvelopeError =>
  new EnvelopeError(400, 'Cannot perform query. Invalid query parameters.', [detail]);

export const isTrue = (params: URLSearchParams, name: string, otherwise = false): boolean =>
  params.has(name) && params.get(name) !== '' ? params.get(name)!.toLowerCase() === 'true' : otherwise;

export function numberParameter(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw refusal(`'${name}' must be a number.`);
  return value;
}

export function fieldNamed(name: string, fields: readonly Field[]): Field {
  const field = fields.find((candidate) => candidate.name.toLowerCase() === name.trim().toLowerCase());
  if (!field) throw refusal(`'Invalid field: ${name.trim()}' parameter is invalid`);
  return field;
}

/** `outFields`: names or `*`. Default: the object id. */
export function outFields(text: string | null, fields: readonly Field[]): readonly Field[] {
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

/** The features that `where`, `objectIds` and `geometry` select. */
export function select(layer: FeatureLayer, params: URLSearchParams): Feature[] {
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

/** Orders as `orderByFields` says, without it not at all. */
export function order(features: Feature[], text: string | null, fields: readonly Field[]): Feature[] {
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
