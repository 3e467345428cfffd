// Edits: what they change, what each one's result says, who may make them.
import { expect, test } from 'vitest';
import { ask, jsonOf, newEdits, rootUrl } from '../ask.test-support.js';
import { handleService, type LayerEdits, type ServiceRequest } from '../index.js';

const guid = (last: string): string => `{00000000-0000-4000-8000-00000000000${last}}`;
const noteAt = (text: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  attributes: { TEXT: text, ...more },
  geometry: { x: 8, y: 47, spatialReference: { wkid: 4326 } },
});

function post(
  edits: LayerEdits,
  path: string,
  parameters: Record<string, unknown>,
  { user = 'ana', method = 'POST' }: { user?: string | undefined; method?: string } = {},
): ReturnType<typeof jsonOf> {
  const text = Object.entries(parameters).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const request: ServiceRequest = {
    path,
    method,
    params: new URLSearchParams([['f', 'json'], ...text]),
    headers: {},
    rootUrl,
    edits,
    ...(user === '' ? {} : { user }),
  };
  return jsonOf(handleService(request));
}

const notes = 'Notes/FeatureServer/0';
const applyToNotes = (
  edits: LayerEdits,
  parameters: Record<string, unknown>,
  user?: string,
): ReturnType<typeof jsonOf> => post(edits, `${notes}/applyEdits`, parameters, { user });

const texts = (edits: LayerEdits): string[] =>
  jsonOf(ask(`${notes}/query?f=json&where=1=1&outFields=TEXT`, edits)).features.map(
    ({ attributes }: { attributes: { TEXT: string } }) => attributes.TEXT,
  );

test('an added feature is found by queries, with ids, creator, time and place', () => {
  const edits = newEdits();
  const { addResults } = applyToNotes(edits, { adds: [noteAt('new', { OBJECTID: 99, CREATOR: 'eve' })] });
  expect(addResults).toEqual([
    { objectId: 3, globalId: expect.stringMatching(/^\{[0-9A-F-]{36}\}$/), success: true },
  ]);
  const { features } = jsonOf(ask(`${notes}/query?f=json&objectIds=3&outFields=*&outSR=4326`, edits));
  expect(features[0]).toMatchObject({
    attributes: {
      OBJECTID: 3,
      TEXT: 'new',
      CREATOR: 'ana',
      CREATED: edits.now(),
      GLOBALID: addResults[0].globalId,
    },
    geometry: { x: 8, y: 47 },
  });
});

test('two portals keep their own edits, and clearing them brings the features back', () => {
  const [one, other] = [newEdits(), newEdits()];
  applyToNotes(one, { deletes: '1' });
  expect([texts(one).length, texts(other).length]).toEqual([1, 2]);
  one.clear();
  expect(texts(one)).toHaveLength(2);
});

test('changes and removals are made by object id; ids are not given again', () => {
  const edits = newEdits();
  applyToNotes(edits, { adds: [noteAt('third')] });
  applyToNotes(edits, { deletes: '3' });
  const answer = applyToNotes(edits, {
    adds: [noteAt('fourth')],
    updates: [{ attributes: { OBJECTID: 1, text: 'changed' } }],
  });
  expect([answer.addResults[0].objectId, answer.updateResults[0]]).toMatchObject([
    4,
    { objectId: 1, success: true },
  ]);
  expect(texts(edits)).toEqual(['changed', 'The road is closed in winter.', 'fourth']);
});

test('with useGlobalIds the client names the feature, and the same add once more is told apart', () => {
  const edits = newEdits();
  const once = { useGlobalIds: true, adds: [noteAt('offline', { GLOBALID: guid('a') })] };
  expect(applyToNotes(edits, once).addResults).toEqual([{ objectId: 3, globalId: guid('A'), success: true }]);
  expect(applyToNotes(edits, once).addResults[0]).toMatchObject({
    objectId: -1,
    globalId: guid('A'),
    success: false,
    error: { code: 1000, description: expect.stringContaining('duplicate') },
  });
  expect(texts(edits)).toHaveLength(3);
  const changes = {
    useGlobalIds: true,
    updates: [{ attributes: { GLOBALID: guid('a').slice(1, -1), TEXT: 'seen again' } }],
  };
  expect(applyToNotes(edits, changes).updateResults[0]).toMatchObject({ objectId: 3, success: true });
  expect(applyToNotes(edits, { useGlobalIds: true, deletes: [guid('a')] }).deleteResults[0].success).toBe(
    true,
  );
  expect(texts(edits)).toHaveLength(2);
});

test.each([
  ['an unknown field', { attributes: { COLOUR: 'red' }, geometry: { x: 0, y: 0 } }],
  ['a value of another type', noteAt('', { TEXT: 7 })],
  ['a text that is too long', noteAt('x'.repeat(201))],
  ['no geometry', { attributes: { TEXT: 'nowhere' } }],
  ['a geometry of another kind', { attributes: {}, geometry: { rings: [] } }],
])('an add with %s fails by itself', (_, bad) => {
  const edits = newEdits();
  const { addResults } = applyToNotes(edits, { adds: [noteAt('good'), bad], rollbackOnFailure: 'false' });
  expect(addResults).toMatchObject([
    { success: true },
    { objectId: -1, success: false, error: { code: 1000 } },
  ]);
  expect(texts(edits)).toHaveLength(3);
});

test('by default one failure takes all edits back', () => {
  const edits = newEdits();
  const answer = applyToNotes(edits, { adds: [noteAt('good')], deletes: '1,77' });
  expect(answer.addResults[0]).toMatchObject({ success: false, error: { code: 1003 } });
  expect(answer.deleteResults).toMatchObject([
    { objectId: 1, success: false, error: { code: 1003 } },
    { objectId: 77, success: false, error: { code: 1000 } },
  ]);
  expect(texts(edits)).toHaveLength(2);
});

test('a note is changed by its author only', () => {
  const edits = newEdits();
  const change = { updates: [{ attributes: { OBJECTID: 1, TEXT: 'mine' } }], rollbackOnFailure: 'false' };
  expect(applyToNotes(edits, change, 'ben').updateResults[0]).toMatchObject({ success: false });
  expect(applyToNotes(edits, { deletes: '1' }, 'ben').deleteResults[0]).toMatchObject({ success: false });
  expect(applyToNotes(edits, change, 'ana').updateResults[0]).toMatchObject({ success: true });
  expect(texts(edits)[0]).toBe('mine');
});

test.each([
  ['a layer that cannot be changed', 'Countries/FeatureServer/0/applyEdits', {}, 400],
  ['GET', `${notes}/applyEdits`, { method: 'GET' }, 405],
  ['nobody', `${notes}/applyEdits`, { user: '' }, 403],
])('%s is refused as a whole', (_, path, options, code) => {
  const edits = newEdits();
  expect(post(edits, path, { deletes: '1' }, options)).toMatchObject({ error: { code } });
  expect(texts(edits)).toHaveLength(2);
});

test('a parameter that is not JSON is a bad request, and nothing is changed', () => {
  const edits = newEdits();
  expect(applyToNotes(edits, { adds: '[{', deletes: '1' })).toMatchObject({ error: { code: 400 } });
  expect(texts(edits)).toHaveLength(2);
});

test('the service takes edits by layer, and the older operations work', () => {
  const edits = newEdits();
  const answer = post(edits, 'Notes/FeatureServer/applyEdits', { edits: [{ id: 0, adds: [noteAt('one')] }] });
  expect(answer).toMatchObject([{ id: 0, addResults: [{ objectId: 3, success: true }] }]);
  const added = post(edits, `${notes}/addFeatures`, { features: [noteAt('two')] });
  expect(added.addResults[0]).toMatchObject({ objectId: 4, success: true });
  const features = [{ attributes: { OBJECTID: 4, TEXT: 'three' } }];
  expect(post(edits, `${notes}/updateFeatures`, { features }).updateResults[0].success).toBe(true);
  expect(post(edits, `${notes}/deleteFeatures`, { where: "TEXT = 'one'" }).deleteResults).toHaveLength(1);
  expect(post(edits, `${notes}/deleteFeatures`, { objectIds: '70' }).deleteResults[0].success).toBe(false);
  expect(texts(edits).at(-1)).toBe('three');
});

test('the layer says that it can be changed, and how', () => {
  const layer = jsonOf(ask(`${notes}?f=json`));
  expect(layer).toMatchObject({
    globalIdField: 'GLOBALID',
    supportsApplyEditsWithGlobalIds: true,
    supportsRollbackOnFailureParameter: true,
    ownershipBasedAccessControlForFeatures: { allowOthersToUpdate: false },
  });
  expect(layer.capabilities).toContain('Editing');
  const editable = layer.fields.filter((field: { editable: boolean }) => field.editable);
  expect(editable.map(({ name }: { name: string }) => name)).toEqual(['TEXT']);
  expect(jsonOf(ask('Countries/FeatureServer/0?f=json')).capabilities).toBe('Query,Extract');
});
