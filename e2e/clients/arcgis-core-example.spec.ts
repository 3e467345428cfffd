/** The example for the ArcGIS Maps SDK, of the packed package; its other tests are in arcgis-core.spec.ts. */
import { test } from '../support/examples.js';
import { expect } from '../support/fixtures.js';

// The SDK turns portal addresses into https.
test.use({ portalOptions: { https: true }, packages: 'e2e/clients/node_modules' });
// Its build is long.
test.describe.configure({ timeout: 240_000 });

test(
  'examples/arcgis-core: the SDK’s layers are there after one sign-in',
  { tag: '@user-interface' },
  async ({ open, page, portal }) => {
    // Its fonts and texts are of another site.
    await page.route(/^https:\/\/js\.arcgis\.com\//, (route) => route.abort());
    const { project, visit } = open('arcgis-core');
    project.build();
    const app = await visit(await project.serve('preview'), '/signed-in.html', /^[1-9]\d* sites$/);
    const tiles = {
      path: /Terrain\/MapServer\/tile/,
      where: ({ user }: { user?: string }) => user === 'ana',
    };
    await expect.poll(() => portal.log.count(tiles)).toBeGreaterThan(0);
    app.expectNothingLeaked();
  },
);
