// Adds, changes and removes features of a layer, all or none (`rollbackOnFailure`) or each for itself.
import { randomUUID } from 'node:crypto';
import {
  createdField,
  creatorField,
  globalIdField,
  objectIdField,
  type Feature,
  type FeatureLayer,
} from './feature-layer.js';
import {
  canonicalGlobalId,
  EditError,
  idsOf,
  invalidFeature,
  readFeature,
  sameGlobalId,
} from './edit-input.js';

export interface Edits {
  /** Features as clients send them: attributes and geometry. */
  readonly adds: readonly unknown[];
  readonly updates: readonly unknown[];
  /** Object ids, or global ids with `useGlobalIds`. */
  readonly deletes: readonly string[];
  readonly useGlobalIds: boolean;
  readonly rollbackOnFailure: boolean;
}

export interface Editor {
  readonly user: string;
  readonly nowMs: number;
}

export interface EditResult {
  readonly objectId: number;
  readonly globalId: string | null;
  readonly success: boolean;
  readonly error?: { readonly code: number; readonly description: string };
}

export interface EditOutcome {
  readonly addResults: readonly EditResult[];
  readonly updateResults: readonly EditResult[];
  readonly deleteResults: readonly EditResult[];
  readonly features: readonly Feature[];
  readonly nextObjectId: number;
}

const rolledBack = { code: 1003, description: 'Operation rolled back.' } as const;
const noSuchFeature = (): never => {
  throw new EditError(invalidFeature, 'There is no feature with this id.');
};

/**
 * @param layer - With its features as they are now.
 * @see https://developers.arcgis.com/rest/services-reference/enterprise/apply-edits-feature-service-layer/
 */
export function applyEdits(
  layer: FeatureLayer,
  { adds, updates, deletes, useGlobalIds, rollbackOnFailure }: Edits,
  { user, nowMs }: Editor,
  firstObjectId: number,
): EditOutcome {
  const features = new Map(layer.features.map((feature) => [feature.objectId, feature]));
  let nextObjectId = firstObjectId;

  const withGlobalId = (id: unknown): Feature | undefined =>
    [...features.values()].find(({ attributes }) => sameGlobalId(attributes[globalIdField.name], id));

  const changeable = (feature: Feature | undefined): Feature => {
    if (!feature) return noSuchFeature();
    if (layer.editableBy === 'creator' && feature.attributes[creatorField.name] !== user)
      throw new EditError(invalidFeature, 'Only the user who added the feature may change it.');
    return feature;
  };

  const add = (value: unknown): EditResult => {
    const { attributes, position, globalId } = readFeature(layer, value);
    if (!position) throw new EditError(invalidFeature, 'A new feature needs a geometry.');
    if (useGlobalIds && globalId === undefined)
      throw new EditError(invalidFeature, 'With useGlobalIds a new feature needs a global id.');
    // The same add once more, of a client that did not get the first response.
    if (useGlobalIds && withGlobalId(globalId))
      throw new EditError(invalidFeature, 'Cannot insert a duplicate key: the global id exists.');
    const feature: Feature = {
      objectId: nextObjectId++,
      attributes: {},
      shape: { kind: 'point', position },
    };
    const newGlobalId = useGlobalIds && globalId !== undefined ? globalId : canonicalGlobalId(randomUUID());
    const system = {
      [objectIdField.name]: feature.objectId,
      [globalIdField.name]: newGlobalId,
      ...(layer.editableBy === 'creator' ? { [creatorField.name]: user, [createdField.name]: nowMs } : {}),
    };
    const empty = Object.fromEntries(layer.fields.map(({ name }) => [name, null]));
    features.set(feature.objectId, { ...feature, attributes: { ...empty, ...attributes, ...system } });
    return done(feature.objectId, newGlobalId);
  };

  const update = (value: unknown): EditResult => {
    const { attributes, position, objectId, globalId } = readFeature(layer, value);
    const before = changeable(useGlobalIds ? withGlobalId(globalId) : features.get(objectId ?? -1));
    features.set(before.objectId, {
      ...before,
      attributes: { ...before.attributes, ...attributes },
      ...(position ? { shape: { kind: 'point', position } } : {}),
    });
    return done(before.objectId, before.attributes[globalIdField.name]);
  };

  const remove = (id: string): EditResult => {
    const feature = changeable(useGlobalIds ? withGlobalId(id) : features.get(Number(id)));
    features.delete(feature.objectId);
    return done(feature.objectId, feature.attributes[globalIdField.name]);
  };

  const idsOfDelete = (id: string): ReturnType<typeof idsOf> =>
    useGlobalIds
      ? { objectId: undefined, globalId: canonicalGlobalId(id) }
      : { objectId: /^\d+$/.test(id) ? Number(id) : undefined, globalId: undefined };

  const results = {
    addResults: adds.map((value) => attempt(() => add(value), idsOf(value))),
    updateResults: updates.map((value) => attempt(() => update(value), idsOf(value))),
    deleteResults: deletes.map((id) => attempt(() => remove(id), idsOfDelete(id))),
  };
  const hasFailed = Object.values(results).some((list) => list.some(({ success }) => !success));
  if (!hasFailed || !rollbackOnFailure) return { ...results, features: [...features.values()], nextObjectId };
  return {
    addResults: results.addResults.map(undone),
    updateResults: results.updateResults.map(undone),
    deleteResults: results.deleteResults.map(undone),
    features: layer.features,
    nextObjectId,
  };
}

const done = (objectId: number, globalId: unknown): EditResult => ({
  objectId,
  globalId: typeof globalId === 'string' ? globalId : null,
  success: true,
});

/** An edit that would have succeeded, but another one failed. */
const undone = (result: EditResult): EditResult =>
  result.success ? { ...result, success: false, error: rolledBack } : result;

function attempt(edit: () => EditResult, { objectId = -1, globalId }: ReturnType<typeof idsOf>): EditResult {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    const { code, message } = error;
    return { objectId, globalId: globalId ?? null, success: false, error: { code, description: message } };
  }
}
