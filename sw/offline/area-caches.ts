/** The caches of saved areas: each is one of the user's partition, and holds the record of what it is. */
import { AREA_HEADER, isAreaRecord, type AreaRecord } from '../../protocol/areas.js';
import { ConnectionError, IdentityError } from '../../protocol/identity-error.js';
import { cacheAnswer } from './cache-answer.js';
import { cacheNameOf, type Partition } from './partitions.js';

declare const self: ServiceWorkerGlobalScope;

/** Key of the record in an area's cache. */
export const recordUrl = (): string => `${self.registration.scope}?${AREA_HEADER}=record`;

/** Names of the caches of a partition's areas. */
export async function namesOf(partition: Partition): Promise<readonly string[]> {
  const prefix = cacheNameOf('area', partition, '');
  return (await cacheAnswer(() => caches.keys())).filter((name) => name.startsWith(prefix));
}

/** What an area has of an address; `undefined` where there is neither. Makes no cache. */
export const matchIn = (cacheName: string, url: string): Promise<Response | undefined> =>
  cacheAnswer(() => caches.match(url, { cacheName, ignoreVary: true }));

/** Deletes an area with its record. */
export const deleteArea = (name: string): Promise<boolean> => cacheAnswer(() => caches.delete(name));

/** The record of an area; `undefined` where the cache or its record is not there, or is not one. Makes no cache. */
export async function readRecord(cacheName: string): Promise<AreaRecord | undefined> {
  const kept = await matchIn(cacheName, recordUrl());
  const record: unknown = await kept?.json().catch(() => undefined);
  return isAreaRecord(record) ? record : undefined;
}

/** @throws ConnectionError `quota-insufficient`, `area-lost`, `storage-unavailable`. */
export async function put(cacheName: string, url: string, response: Response): Promise<void> {
  try {
    await cacheAnswer(async () => (await caches.open(cacheName)).put(url, response));
  } catch (error) {
    // Storage was cleared, or the area removed, meanwhile: opening the cache has made it again.
    // Where that cannot be read, it is not known to be lost.
    if (url !== recordUrl() && !(await readRecord(cacheName).catch(() => true))) {
      await deleteArea(cacheName).catch(() => undefined);
      throw new ConnectionError('area-lost');
    }
    if (error instanceof IdentityError) throw error;
    const { name } = error as Error;
    throw name === 'QuotaExceededError'
      ? new ConnectionError('quota-insufficient')
      : new ConnectionError('storage-unavailable', { name });
  }
}
