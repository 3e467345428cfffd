/** Operations of the demo portal's services, relative to a server's `rest/services`, and their answers. */
import { expect } from '@playwright/test';
import type { TestApp } from './test-app.js';

/** Counts the features of a secured layer. @param index - Makes the address another one. */
export const countQuery = (index = 0): string =>
  `Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json&index=${index}`;

/** Counts the features of a public layer. @param index - Makes the address another one. */
export const publicCountQuery = (index = 0): string =>
  `Places/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json&index=${index}`;

/** The answer to both. */
export const aCount = { count: expect.any(Number) as unknown };

/** Counts with an access token that has expired: the worker has to refresh it. */
export function countAfterExpiry(app: TestApp, index = 0): Promise<Record<string, unknown>> {
  app.portal.control.expireAccessTokens();
  return app.fetchJson(app.hosted(countQuery(index)));
}

/** A secured tile, 256 pixels wide. @param index - Makes the address another one. */
export const tile = (index = 0): string => `Terrain/MapServer/tile/1/0/1?index=${index}`;
