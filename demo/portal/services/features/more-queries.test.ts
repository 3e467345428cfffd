// Statistics, top features, related features, domains, renderers.
import { expect, test } from 'vitest';
import { ask, jsonOf } from '../ask.test-support.js';

const countries = (operation: string, parameters: Record<string, unknown>): ReturnType<typeof jsonOf> =>
  jsonOf(
    ask(
      `Countries/FeatureServer/0/${operation}?${new URLSearchParams([
        ['f', 'json'],
        ...Object.entries(parameters).map(([name, value]): [string, string] => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      ]).toString()}`,
    ),
  );

const statistic = (statisticType: string, onStatisticField = 'AREA_KM2'): Record<string, string> => ({
  statisticType,
  onStatisticField,
  outStatisticFieldName: statisticType,
});

const attributesOf = ({ features }: { features: { attributes: Record<string, unknown> }[] }): unknown[] =>
  features.map(({ attributes }) => attributes);

test('statistics are computed by group, and ordered by what they are called', () => {
  const rows = attributesOf(
    countries('query', {
      where: "CONTINENT IN ('Europe', 'Oceania')",
      groupByFieldsForStatistics: 'CONTINENT',
      outStatistics: [statistic('count'), statistic('max'), statistic('avg')],
      orderByFields: 'count DESC',
    }),
  );
  expect(rows).toMatchObject([{ CONTINENT: 'Europe' }, { CONTINENT: 'Oceania', max: expect.any(Number) }]);
  expect(attributesOf(countries('query', { where: '1=1', outStatistics: [statistic('count')] }))).toEqual([
    { count: 241 },
  ]);
});

test('a query that is too large for a client says so', () => {
  const limit = (limits: Record<string, number>): unknown[] =>
    attributesOf(
      countries('query', {
        where: '1=1',
        outStatistics: [{ statisticType: 'exceedslimit', outStatisticFieldName: 'exceeds', ...limits }],
      }),
    );
  expect(limit({ maxRecordCount: 240 })).toEqual([{ exceeds: 1 }]);
  expect(limit({ maxVertexCount: 1000 })).toEqual([{ exceeds: 1 }]);
  expect(limit({ maxRecordCount: 2000, maxVertexCount: 10_000_000 })).toEqual([{ exceeds: 0 }]);
});

test('distinct values come once', () => {
  const rows = attributesOf(
    countries('query', { returnDistinctValues: 'true', outFields: 'CONTINENT', orderByFields: 'CONTINENT' }),
  );
  expect(rows.length).toBeLessThan(10);
  expect(rows[0]).toEqual({ CONTINENT: 'Africa' });
});

test('the largest countries of each continent', () => {
  const topFilter = { groupByFields: 'CONTINENT', topCount: 2, orderByFields: 'AREA_KM2 DESC' };
  const answer = countries('queryTopFeatures', {
    where: "CONTINENT IN ('Oceania', 'South America')",
    topFilter,
    outFields: 'NAME',
    orderByFields: 'NAME',
  });
  expect(attributesOf(answer)).toEqual(
    ['Argentina', 'Australia', 'Brazil', 'Papua New Guinea'].map((NAME) => ({ NAME })),
  );
});

test('related features are those of the same continent', () => {
  const oceania = attributesOf(countries('query', { where: "NAME = 'Fiji'", outFields: 'OBJECTID' }));
  const [{ OBJECTID }] = oceania as [{ OBJECTID: number }];
  const parameters = { objectIds: String(OBJECTID), relationshipId: '0', outFields: 'NAME' };
  const { relatedRecordGroups } = countries('queryRelatedRecords', parameters);
  expect(relatedRecordGroups).toMatchObject([{ objectId: OBJECTID }]);
  const names = attributesOf({ features: relatedRecordGroups[0].relatedRecords });
  expect(names).toContainEqual({ NAME: 'Samoa' });
  expect(names).not.toContainEqual({ NAME: 'Fiji' });
});

test('domains are listed for the service', () => {
  const { domains } = jsonOf(ask('Sites/FeatureServer/queryDomains?f=json&layers=[0]'));
  expect(domains.map(({ name }: { name: string }) => name)).toEqual(['KIND', 'STATUS']);
  expect(domains[1].codedValues[0]).toEqual({ name: 'Active', code: 'Active' });
});

test('renderers are made of the values', () => {
  const classes = countries('generateRenderer', {
    classificationDef: { type: 'classBreaksDef', classificationField: 'AREA_KM2', breakCount: 4 },
  });
  expect(classes.type).toBe('classBreaks');
  expect(classes.classBreakInfos).toHaveLength(4);
  const unique = countries('generateRenderer', {
    classificationDef: { type: 'uniqueValueDef', uniqueValueFields: ['CONTINENT'] },
  });
  expect(unique.uniqueValueInfos[0]).toMatchObject({ value: 'Africa', count: expect.any(Number) });
});

test.each([
  ['query', { outStatistics: [statistic('median')] }],
  ['query', { outStatistics: [statistic('sum', 'NAME')] }],
  ['queryTopFeatures', { topFilter: '{' }],
  ['queryTopFeatures', { topFilter: { topCount: 0 } }],
  ['queryRelatedRecords', { objectIds: '1', relationshipId: '7' }],
  ['queryRelatedRecords', {}],
  ['generateRenderer', { classificationDef: { type: 'heat' } }],
  ['generateRenderer', { classificationDef: { type: 'classBreaksDef', classificationField: 'NAME' } }],
])('%s refuses %o', (operation, parameters) => {
  expect(countries(operation, parameters)).toMatchObject({ error: { code: 400 } });
});
