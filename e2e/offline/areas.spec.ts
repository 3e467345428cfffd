/** Saved areas: kept for their user, through everything that goes wrong meanwhile. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from '@playwright/test';
import { chromiumArgs, findChromium } from '../../scripts/chromium.js';
import {
  areaCaches,
  areaOf,
  leaveCachesUnanswered,
  list,
  onlyArea,
  openAreas,
  resume,
  save,
} from '../support/areas.js';
import { expect, test, TestApp } from '../support/fixtures.js';

const tile = (app: TestApp, place = '2/1/2'): string => app.hosted(`Terrain/MapServer/tile/${place}`);
const anyTile = /Terrain\/MapServer\/tile/;

test.beforeEach(async ({ app }) => {
  await openAreas(app);
  await app.signIn('ana');
  app.portal.log.clear();
});

const setOffline = (app: TestApp, isOffline: boolean): Promise<void> =>
  app.page.context().setOffline(isOffline);

test('an area with tiles, vector tiles and features is saved with progress, and shown without network', async ({
  app,
}) => {
  const features = { url: app.hosted('Countries/FeatureServer/0'), outFields: 'NAME', pageSize: 3 };
  const area = {
    ...areaOf(app),
    layers: [
      ...areaOf(app).layers,
      { type: 'vector-tiles' as const, url: app.hosted('Countries/VectorTileServer') },
      { type: 'features' as const, ...features },
    ],
  };
  const estimate = await app.run((content) => window.areas.estimate(content), area);
  expect(estimate).toMatchObject({ fits: true });
  const progress = await app.run(() => {
    const counts: number[] = [];
    window.areas.addEventListener('area-progress', (event) => counts.push(event.area.kept));
    (window as { counts?: number[] }).counts = counts;
    return counts;
  });
  expect(progress).toEqual([]);
  const { area: saved } = await save(app, area, null);
  expect(saved).toMatchObject({
    name: 'Trento',
    username: 'ana',
    portal: app.portal.url,
    isComplete: true,
    requests: estimate.requests,
    kept: estimate.requests,
  });
  expect(saved?.bytes).toBeGreaterThan(estimate.bytes / 4);
  expect(saved?.bytes).toBeLessThan(estimate.bytes * 4);
  const counts = await app.run(() => (window as { counts?: number[] }).counts);
  expect(counts).toEqual(Array.from({ length: estimate.requests }, (_, index) => index + 1));
  // The header of a save is for the worker alone: no server sees it, and no preflight was made for it.
  expect(app.portal.log.count({ method: 'OPTIONS' })).toBe(0);
  expect(
    app.portal.log.requests({ where: ({ requestHeaders }) => 'identity-worker-area' in requestHeaders }),
  ).toEqual([]);

  await setOffline(app, true);
  app.portal.log.clear();
  expect(await app.loadImage(tile(app))).toBe(256);
  expect(await app.fetch(app.hosted('Countries/VectorTileServer/tile/2/1/2.pbf'))).toMatchObject({
    status: 200,
  });
  const shown = await app.run(async (layer) => {
    const pages = await window.offline.featurePages(layer, [10, 45, 12, 47]);
    const answers = await Promise.all(pages.map((url) => fetch(url).then((response) => response.json())));
    return answers.flatMap(({ features: some }) =>
      some.map((each: { properties: unknown }) => each.properties),
    );
  }, features);
  expect(shown).toContainEqual({ NAME: 'Italy' });
  expect(await app.loadImage(tile(app, '2/0/0'))).toBe(0);
  expect(app.portal.log.entries).toEqual([]);
  expect(await app.isPrompting()).toBe(false);
});

test('after a restart of the browser without network the area is there for its user, and nobody else', async ({
  portal,
  appServer,
}) => {
  const profile = mkdtempSync(join(tmpdir(), 'identity-worker-areas-'));
  const executablePath = findChromium();
  const start = (): Promise<BrowserContext> =>
    chromium.launchPersistentContext(profile, {
      args: chromiumArgs,
      ...(executablePath === undefined ? {} : { executablePath }),
    });
  let context = await start();
  try {
    let app = new TestApp(await context.newPage(), portal, appServer.url);
    await openAreas(app);
    await app.signIn('ana');
    await save(app);
    await context.close();

    context = await start();
    app = new TestApp(await context.newPage(), portal, appServer.url);
    await openAreas(app);
    portal.log.clear();
    await context.setOffline(true);
    expect(await app.loadImage(tile(app))).toBe(256);
    expect(await list(app)).toMatchObject([{ name: 'Trento', username: 'ana', isComplete: true }]);
    expect(portal.log.entries).toEqual([]);

    await context.setOffline(false);
    await app.run(() => window.identity.signOut());
    expect(await areaCaches(app)).toEqual([]);
    await app.signIn('ben');
    expect(await list(app)).toEqual([]);
    await context.setOffline(true);
    expect(await app.fetch(tile(app))).toEqual({ error: 'TypeError' });
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test('a save that is cancelled goes on after a stop of the worker, and asks for nothing twice', async ({
  app,
}) => {
  const hold = app.portal.control.hold(/tile\/2\//);
  // One at a time: all others are kept when the last is held.
  const outcome = save(app, areaOf(app), undefined, 1);
  await hold.reached(1);
  await app.run(() => window.cancelSave?.());
  expect(await outcome).toMatchObject({ code: 'AbortError' });
  hold.release();
  const area = await onlyArea(app);
  expect(area).toMatchObject({ isComplete: false, kept: 3, requests: 4 });
  await app.stopWorker();
  app.portal.log.clear();
  expect(await resume(app, area.id)).toMatchObject({ area: { id: area.id, isComplete: true, kept: 4 } });
  expect(app.portal.log.count({ path: /tile\/[01]\// })).toBe(0);
});

test('a stop of the worker in the middle of a save is not seen by the page', async ({ app }) => {
  const hold = app.portal.control.hold(/tile\/2\//);
  const outcome = save(app);
  await hold.reached(1);
  await app.stopWorker();
  hold.release();
  expect(await outcome).toMatchObject({ area: { isComplete: true } });
});

test('six requests are made at a time, or as many as the app says', async ({ app }) => {
  for (const concurrency of [undefined, 2]) {
    const hold = app.portal.control.hold(anyTile);
    const world = { ...areaOf(app), bbox: [-180, -90, 180, 90] as const };
    const isDone = save(app, world, undefined, concurrency);
    await hold.reached(concurrency ?? 6);
    app.portal.log.clear();
    for (let index = 1; index <= 5; index++) {
      hold.releaseNext();
      await app.portal.log.waitFor({ path: anyTile }, index);
      await hold.reached(concurrency ?? 6);
      expect(hold.held).toBe(concurrency ?? 6);
    }
    hold.release();
    expect(await isDone).toMatchObject({ area: { isComplete: true, requests: 22 } });
  }
});

test('where nobody is signed in nothing is kept, and nobody is prompted', async ({ app }) => {
  await app.run(() => window.identity.signOut());
  app.portal.log.clear();
  expect(await save(app)).toMatchObject({ code: 'sign-in-required' });
  expect(await areaCaches(app)).toEqual([]);
  expect(app.portal.log.entries).toEqual([]);
  expect(await app.isPrompting()).toBe(false);
});

test('a worker without the part says so, and no server sees the header', async ({ app }) => {
  await app.run(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations())
      await registration.unregister();
  });
  await app.open('/areas.html');
  await app.signIn('ana');
  expect(await save(app)).toMatchObject({ code: 'part-missing' });
  expect(
    app.portal.log.requests({ where: ({ requestHeaders }) => 'identity-worker-area' in requestHeaders }),
  ).toEqual([]);
});

test.describe('what goes wrong meanwhile', () => {
  for (const [name, fault, code] of [
    ['HTML with 200', { html: '<h1>Welcome to our WLAN</h1>' }, 'answer-unusable'],
    ['status 500', { status: 500 }, 'answer-unusable'],
    ['half a body', { drop: 'body' }, 'answer-unusable'],
    ['a connection that is reset', { drop: 'request' }, 'save-interrupted'],
    ['status 511', { status: 511, html: true }, 'answer-unusable'],
  ] as const) {
    test(`${name} is not kept; the rest is, and what is missing comes later`, async ({ app }) => {
      const repair = app.portal.control.fault(/tile\/1\/0\/1/, fault);
      expect(await save(app)).toMatchObject({ code });
      const area = await onlyArea(app);
      expect(area).toMatchObject({ isComplete: false, kept: 3, requests: 4 });
      repair();
      await setOffline(app, true);
      expect(await app.loadImage(tile(app, '1/0/1'))).toBe(0);
      expect(await app.loadImage(tile(app))).toBe(256);
      await setOffline(app, false);
      expect(await resume(app, area.id)).toMatchObject({ area: { isComplete: true, kept: 4 } });
    });
  }

  test('a refusal inside 200 is not kept, and a tile that does not exist is no failure', async ({ app }) => {
    const sites = app.hosted('Sites/FeatureServer/0?f=json');
    await app.run(() => window.identity.signOut());
    await app.signIn('ben');
    const missing = tile(app, '2/9/9');
    const requests = { ...areaOf(app), layers: [{ type: 'requests' as const, urls: [missing, sites] }] };
    app.portal.control.fault(/tile\/2\/9\/9/, { status: 404 });
    expect(await save(app, requests)).toMatchObject({ code: 'answer-unusable' });
    expect(await onlyArea(app)).toMatchObject({ kept: 1, bytes: 0 });
    const only = { ...requests, layers: [{ type: 'requests' as const, urls: [missing] }] };
    expect(await save(app, only)).toMatchObject({ area: { isComplete: true, bytes: 0 } });
  });

  test('a network of pages ends the save early', async ({ app }) => {
    app.portal.control.fault(anyTile, { html: true });
    app.portal.log.clear();
    const world = { ...areaOf(app), bbox: [-180, -90, 180, 90] as const, maxZoom: 5 };
    expect(await save(app, world)).toMatchObject({ code: 'answer-unusable' });
    expect(app.portal.log.count({ path: anyTile })).toBeLessThan(20);
  });

  test('storage that the browser clears in the middle ends the save, and the next worker saves again', async ({
    app,
  }) => {
    app.expectedFaults.push('cache-unavailable');
    await app.shortenWorkerTimeLimits(10);
    const cdp = await app.page.context().newCDPSession(app.page);
    const hold = app.portal.control.hold(/tile\/1\//);
    const outcome = save(app);
    await hold.reached(1);
    await cdp.send('Storage.clearDataForOrigin', { origin: app.url, storageTypes: 'cache_storage' });
    hold.release();
    // Chromium may leave the calls that were under way without an answer, and all later ones of this worker.
    expect(['area-lost', 'storage-unavailable']).toContain((await outcome).code);
    expect(await areaCaches(app)).toEqual([]);
    await app.stopWorker();
    expect(await save(app)).toMatchObject({ area: { isComplete: true } });
  });

  test('storage that does not answer ends the save with its name, and the network goes on', async ({
    app,
  }) => {
    app.expectedFaults.push('cache-unavailable');
    await app.shortenWorkerTimeLimits(10);
    await leaveCachesUnanswered(app);
    expect(await save(app)).toMatchObject({ code: 'storage-unavailable' });
    expect(await app.loadImage(tile(app))).toBe(256);
  });

  test('what does not fit is refused before anything is requested', async ({ app }) => {
    const outcome = await save(app, undefined, { requests: 4, bytes: 2, quotaLeft: 1, fits: false });
    expect(outcome).toMatchObject({ code: 'quota-insufficient' });
    expect(outcome.message).toContain('Remove a saved area');
    expect(await areaCaches(app)).toEqual([]);
    expect(app.portal.log.count({ path: anyTile })).toBe(0);
  });

  test('a quota that is used up in the middle ends the save with its name, and the map goes on', async ({
    app,
  }) => {
    const cdp = await app.page.context().newCDPSession(app.page);
    const hold = app.portal.control.hold(/tile\/1\//);
    const outcome = save(app);
    await hold.reached(1);
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: app.url, quotaSize: 1 });
    hold.release();
    expect(await outcome).toMatchObject({ code: 'quota-insufficient' });
    expect(await app.loadImage(tile(app, '2/2/2'))).toBe(256);
    expect(await areaCaches(app)).toEqual([]);
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: app.url });
    expect(await save(app)).toMatchObject({ area: { isComplete: true } });
    await app.run((id) => window.areas.remove(id), (await onlyArea(app)).id);
    expect(await areaCaches(app)).toEqual([]);
  });

  for (const [name, clear] of [
    [
      'the app',
      (app: TestApp) =>
        app.run(async () => void (await Promise.all((await caches.keys()).map((key) => caches.delete(key))))),
    ],
    [
      'another page',
      async (app: TestApp) => app.run((id) => window.areas.remove(id), (await onlyArea(app)).id),
    ],
  ] as const) {
    test(`storage that ${name} clears in the middle ends the save, and nothing half comes back`, async ({
      app,
    }) => {
      const hold = app.portal.control.hold(/tile\/1\//);
      const outcome = save(app);
      await hold.reached(1);
      await clear(app);
      hold.release();
      expect(await outcome).toMatchObject({ code: 'area-lost' });
      expect(await areaCaches(app)).toEqual([]);
      expect(await save(app)).toMatchObject({ area: { isComplete: true } });
    });
  }

  test('a user who changes in the middle gets nothing of the area, and none of it stays', async ({ app }) => {
    const hold = app.portal.control.hold(/tile\/1\//);
    const outcome = save(app);
    await hold.reached(1);
    await app.run(() => window.identity.signOut());
    await app.signIn('ben');
    hold.release();
    expect(await outcome).toMatchObject({ code: 'area-lost' });
    expect(await areaCaches(app)).toEqual([]);
    await setOffline(app, true);
    for (const place of ['0/0/0', '1/0/1', '2/1/2']) expect(await app.loadImage(tile(app, place))).toBe(0);
  });

  test('an area of another id, or none of ours, keeps nothing', async ({ app }) => {
    await save(app);
    const answers = await app.run(
      (url) =>
        Promise.all(
          [crypto.randomUUID(), 'strategy', '../area', '', 'record'].map(async (id) => {
            const response = await fetch(url, { headers: { 'identity-worker-area': id } });
            return [response.status, ((await response.json()) as { code: string }).code];
          }),
        ),
      tile(app, '3/2/4'),
    );
    expect(answers).toEqual(Array.from({ length: 5 }, () => [409, 'area-lost']));
    expect(await areaCaches(app)).toHaveLength(1);
    await setOffline(app, true);
    expect(await app.loadImage(tile(app, '3/2/4'))).toBe(0);
  });

  test('a session that has ended shows nothing, and waits for the same user', async ({ app }) => {
    await save(app);
    app.portal.control.expireAccessTokens();
    app.portal.control.revokeRefreshTokens();
    await app.handleChallengesInApp();
    const waits = app.fetch(tile(app, '3/2/4'));
    await app.challengeUrl();
    expect(await list(app)).toEqual([]);
    expect(await areaCaches(app)).toHaveLength(1);
    await app.run(() => window.challenge?.cancel());
    await waits;
    await app.signIn('ana');
    expect(await onlyArea(app)).toMatchObject({ name: 'Trento', isComplete: true });
  });
});

test('an area of layers that a strategy of the app’s answers is saved all the same, and served where the strategy has nothing', async ({
  app,
}) => {
  const routed = app.hosted('Terrain/MapServer/tile/{z}/{y}/{x}?with=NetworkFirst');
  const { area } = await save(app, { ...areaOf(app), layers: [{ type: 'tiles', url: routed }] });
  expect(area).toMatchObject({ isComplete: true });
  expect(app.portal.log.count({ method: 'OPTIONS' })).toBe(0);
  await setOffline(app, true);
  // As workbox reports it.
  app.expectedFaults.push('no-response');
  expect(await app.loadImage(`${tile(app)}?with=NetworkFirst`)).toBe(256);
  expect(await app.loadImage(`${tile(app, '2/0/0')}?with=NetworkFirst`)).toBe(0);
});
