// Statistics of a query: `outStatistics` with groups, and whether a query would exceed the limits of a response.
import { parseArray, textOf } from './edit-input.js';
import type { Feature, FeatureLayer, Field } from './feature-layer.js';
import { fieldNamed, refusal } from './query-parts.js';
import { compareValues } from './where-clause.js';

interface Statistic {
  readonly type: string;
  readonly field: Field | undefined;
  readonly name: string;
  readonly limits: ReadonlyMap<string, unknown>;
}

interface StatisticRow {
  readonly attributes: Record<string, string | number | null>;
}

export interface Statistics {
  readonly fields: readonly Field[];
  readonly rows: readonly StatisticRow[];
}

const summaries: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  avg: (values) => mean(values),
  var: (values) => variance(values),
  stddev: (values) => Math.sqrt(variance(values)),
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1);
}

function parseStatistic(value: unknown, fields: readonly Field[]): Statistic {
  const members = new Map<string, unknown>(Object.entries(value ?? {}));
  const type = textOf(members.get('statisticType')).toLowerCase();
  const isLimit = type === 'exceedslimit';
  const field = isLimit ? undefined : fieldNamed(textOf(members.get('onStatisticField')), fields);
  if (!isLimit && !['count', 'min', 'max', ...Object.keys(summaries)].includes(type))
    throw refusal(`'outStatistics' has an unknown type: ${type}.`);
  const name = members.get('outStatisticFieldName');
  return {
    type,
    field,
    name: typeof name === 'string' && name !== '' ? name : isLimit ? type : `${type}_${field?.name}`,
    limits: members,
  };
}

function vertexCount({ shape }: Feature): number {
  if (shape.kind === 'point') return 1;
  const lines = shape.kind === 'line' ? shape.paths : shape.polygons.flat();
  return lines.reduce((sum, line) => sum + line.length, 0);
}

/** 1 where the features are more than a client wants to load at once. */
function exceedsLimit(features: readonly Feature[], limits: ReadonlyMap<string, unknown>): number {
  const limit = (name: string): number => Number(limits.get(name) ?? Infinity);
  const isPoints = features[0]?.shape.kind === 'point';
  const most = Math.min(limit('maxRecordCount'), isPoints ? limit('maxPointCount') : Infinity);
  if (features.length > most) return 1;
  const vertices = features.reduce((sum, feature) => sum + vertexCount(feature), 0);
  return vertices > limit('maxVertexCount') ? 1 : 0;
}

function compute({ type, field, limits }: Statistic, features: readonly Feature[]): string | number | null {
  if (type === 'exceedslimit' || field === undefined) return exceedsLimit(features, limits);
  const values = features
    .map(({ attributes }) => attributes[field.name] ?? null)
    .filter((value) => value !== null);
  if (type === 'count') return values.length;
  if (values.length === 0) return null;
  if (type === 'min' || type === 'max') {
    const sorted = values.toSorted(compareValues);
    return sorted.at(type === 'min' ? 0 : -1) ?? null;
  }
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length) throw refusal(`'${type}' needs a field of numbers.`);
  return summaries[type]?.(numbers) ?? null;
}

const typeOf = ({ type, field }: Statistic): Field['type'] =>
  field && (type === 'min' || type === 'max')
    ? field.type === 'esriFieldTypeOID'
      ? 'esriFieldTypeInteger'
      : field.type
    : type === 'count' || type === 'exceedslimit'
      ? 'esriFieldTypeInteger'
      : 'esriFieldTypeDouble';

const keyOf = (feature: Feature, keys: readonly Field[]): string =>
  JSON.stringify(keys.map(({ name }) => feature.attributes[name] ?? null));

/**
 * @param selected - What the query selects.
 * @returns `undefined` where the query asks for features, not for statistics or distinct values.
 * @throws {@link EnvelopeError} 400 for an unknown statistic or field.
 */
export function statisticsOf(
  layer: FeatureLayer,
  selected: readonly Feature[],
  params: URLSearchParams,
): Statistics | undefined {
  const statistics = parseArray('outStatistics', params.get('outStatistics')).map((value) =>
    parseStatistic(value, layer.fields),
  );
  const isDistinct = params.get('returnDistinctValues')?.toLowerCase() === 'true';
  if (statistics.length === 0 && !isDistinct) return undefined;
  const names =
    isDistinct && statistics.length === 0
      ? params.get('outFields')
      : params.get('groupByFieldsForStatistics');
  const keys = (names ?? '')
    .split(',')
    .filter((name) => name.trim() !== '')
    .map((name) => fieldNamed(name, layer.fields));
  const groups = new Map<string, Feature[]>(keys.length === 0 ? [['', []]] : []);
  for (const feature of selected) {
    const key = keys.length === 0 ? '' : keyOf(feature, keys);
    const group = groups.get(key);
    if (group) group.push(feature);
    else groups.set(key, [feature]);
  }
  return {
    fields: [
      ...keys,
      ...statistics.map((statistic) => ({
        name: statistic.name,
        alias: statistic.name,
        type: typeOf(statistic),
      })),
    ],
    rows: [...groups.values()].map((group) => ({
      attributes: Object.fromEntries([
        ...keys.map(({ name }) => [name, group[0]?.attributes[name] ?? null] as const),
        ...statistics.map((statistic) => [statistic.name, compute(statistic, group)] as const),
      ]),
    })),
  };
}
