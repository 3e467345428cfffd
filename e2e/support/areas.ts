/** Saved areas as page code of the test app handles them. */
import { expect } from '@playwright/test';
import type { AreaContent, AreaEstimate, SavedArea } from 'identity-worker/offline';
import type { TestApp } from './test-app.js';

/** How a save ended. */
export interface SaveOutcome {
  readonly area?: SavedArea;
  /** Code of the error, or its name where it is none of ours. */
  readonly code?: string;
  readonly message?: string;
}

/** A few tiles, the vector tiles and the features of a small box. */
export const areaOf = (app: TestApp): AreaContent => ({
  bbox: [10, 45, 12, 47],
  minZoom: 0,
  maxZoom: 2,
  layers: [{ type: 'map-server', url: app.hosted('Terrain/MapServer') }],
});

/** Opens the page that saves areas, with a worker that keeps them. */
export async function openAreas(app: TestApp): Promise<void> {
  await app.open('/areas.html?worker=/offline-worker.js');
}

/** So that no sample of the tiles is requested before the save. */
const fits: AreaEstimate = { requests: 0, bytes: 0, quotaLeft: 0, fits: true };

/** @param estimate - `null` has the save make its own. */
export const save = (
  app: TestApp,
  content: AreaContent = areaOf(app),
  estimate: AreaEstimate | null = fits,
  concurrency?: number,
): Promise<SaveOutcome> =>
  app.run(
    async ([area, given, atOnce]) => {
      const cancel = new AbortController();
      window.cancelSave = () => cancel.abort();
      return window.areas
        .save({
          ...area,
          name: 'Trento',
          signal: cancel.signal,
          estimate: given ?? undefined,
          concurrency: atOnce ?? undefined,
        })
        .then(
          (saved) => ({ area: saved }),
          (error: unknown) => {
            const { name: kind, message } = error as Error;
            return { code: window.isIdentityError(error) ? error.code : kind, message };
          },
        );
    },
    [content, estimate, concurrency] as const,
  );

export const resume = (app: TestApp, id: string): Promise<SaveOutcome> =>
  app.run(
    (given) =>
      window.areas.resume(given).then(
        (area) => ({ area }),
        (error: unknown) => ({ code: window.isIdentityError(error) ? error.code : String(error) }),
      ),
    id,
  );

export const list = (app: TestApp): Promise<readonly SavedArea[]> => app.run(() => window.areas.list());

/** The saved area that {@link list} names. */
export async function onlyArea(app: TestApp): Promise<SavedArea> {
  const [area, ...others] = await list(app);
  expect(others).toEqual([]);
  if (!area) throw new Error('No area is saved.');
  return area;
}

/** Names of the caches of saved areas, of all users. */
export const areaCaches = (app: TestApp): Promise<string[]> =>
  app.run(async () => (await caches.keys()).filter((name) => name.includes(':area:')));

/** Has calls of the worker to Cache Storage get no answer, as in Chromium when a site's data is cleared while calls are under way. */
export async function leaveCachesUnanswered({ page }: TestApp): Promise<void> {
  const [worker] = page.context().serviceWorkers();
  await worker?.evaluate(() => {
    for (const method of ['open', 'match', 'keys', 'delete', 'has'])
      Object.assign(CacheStorage.prototype, { [method]: () => new Promise(() => undefined) });
  });
}
