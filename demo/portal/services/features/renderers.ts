// Renderers that `generateRenderer` makes of a layer's values: classes of numbers, or one symbol for each value.
import { textOf } from './edit-input.js';
import type { Feature, FeatureLayer, GeometryType } from './feature-layer.js';
import { fieldNamed, refusal } from './query-parts.js';
import { compareValues } from './where-clause.js';

/** From light to dark, the usual order of classes. */
const colours = [
  [222, 235, 247, 255],
  [158, 202, 225, 255],
  [107, 174, 214, 255],
  [49, 130, 189, 255],
  [8, 81, 156, 255],
] as const;

const symbols: Record<GeometryType, Readonly<Record<string, unknown>>> = {
  esriGeometryPoint: { type: 'esriSMS', style: 'esriSMSCircle', size: 8 },
  esriGeometryPolyline: { type: 'esriSLS', style: 'esriSLSSolid', width: 2 },
  esriGeometryPolygon: { type: 'esriSFS', style: 'esriSFSSolid' },
};

/** @param position - From 0, light, to 1, dark. */
export function symbolFor(geometryType: GeometryType, position: number): Record<string, unknown> {
  const color = colours[Math.min(colours.length - 1, Math.floor(position * colours.length))];
  return { ...symbols[geometryType], color };
}

/** Upper limits of classes of one width, or of as many values each (all other methods). */
function breaksOf(sorted: readonly number[], count: number, method: string): number[] {
  const [least, most] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  return Array.from({ length: count }, (_, i) => {
    if (i === count - 1) return most;
    return method === 'esriClassifyEqualInterval'
      ? least + ((most - least) * (i + 1)) / count
      : sorted[Math.ceil(((i + 1) * sorted.length) / count) - 1]!;
  });
}

function classBreaks(
  layer: FeatureLayer,
  features: readonly Feature[],
  definition: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  const field = fieldNamed(textOf(definition.get('classificationField')), layer.fields);
  const count = Number(definition.get('breakCount') ?? 5);
  if (!Number.isInteger(count) || count < 1 || count > 32)
    throw refusal("'breakCount' must be from 1 to 32.");
  const values = features
    .map(({ attributes }) => attributes[field.name])
    .filter((value) => typeof value === 'number')
    .toSorted((a, b) => a - b);
  if (values.length === 0) throw refusal(`'${field.name}' has no numbers.`);
  const limits = breaksOf(
    values,
    Math.min(count, values.length),
    String(definition.get('classificationMethod')),
  );
  return {
    type: 'classBreaks',
    field: field.name,
    minValue: values[0],
    classBreakInfos: limits.map((classMaxValue, i) => ({
      classMaxValue,
      label: `${i === 0 ? values[0] : limits[i - 1]} - ${classMaxValue}`,
      description: '',
      symbol: symbolFor(layer.geometryType, i / limits.length),
    })),
  };
}

function uniqueValues(
  layer: FeatureLayer,
  features: readonly Feature[],
  definition: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  const named = definition.get('uniqueValueFields');
  const [field] = (Array.isArray(named) ? named : []).map((name) => fieldNamed(String(name), layer.fields));
  if (!field) throw refusal("'uniqueValueFields' must name a field.");
  const counts = new Map<string | number, number>();
  for (const { attributes } of features) {
    const value = attributes[field.name] ?? null;
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const values = [...counts.keys()].toSorted(compareValues);
  return {
    type: 'uniqueValue',
    field1: field.name,
    field2: '',
    field3: '',
    fieldDelimiter: ',',
    defaultSymbol: null,
    defaultLabel: null,
    uniqueValueInfos: values.map((value, i) => ({
      value: String(value),
      count: counts.get(value),
      label: String(value),
      description: '',
      symbol: symbolFor(layer.geometryType, i / values.length),
    })),
  };
}

/**
 * @param definition - Members of `classificationDef`.
 * @throws {@link EnvelopeError} 400 for another definition, or a field that does not fit.
 * @see https://developers.arcgis.com/rest/services-reference/enterprise/generate-renderer/
 */
export function generateRenderer(
  layer: FeatureLayer,
  features: readonly Feature[],
  definition: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  switch (definition.get('type')) {
    case 'classBreaksDef':
      return classBreaks(layer, features, definition);
    case 'uniqueValueDef':
      return uniqueValues(layer, features, definition);
    default:
      throw refusal("'classificationDef.type' must be classBreaksDef or uniqueValueDef.");
  }
}
