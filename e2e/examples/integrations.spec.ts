/** The examples for sites without a build, frameworks and other bundlers, each of the packed package in a project of its own. */
import { randomBytes } from 'node:crypto';
import { startAppServer } from '../../demo/app-server.js';
import { expectSessionKept, test } from '../support/examples.js';
import { expect } from '../support/fixtures.js';

// Bundlers take their time on a busy machine.
test.describe.configure({ timeout: 240_000 });

const tag = '@user-interface';

test('examples/script-tag: one tag, and the user is known after a restart', { tag }, async ({ open }) => {
  const { project, visit } = open('script-tag');
  project.run('copy-files.js');
  const app = await visit(await startAppServer({ folders: [`${project.folder}/site`] }), '/');
  await expect(app.page.getByRole('button', { name: 'ana' })).toBeVisible();
  const image = app.page.getByRole('img', { name: 'Terrain' });
  await expect.poll(() => image.evaluate((it: HTMLImageElement) => it.naturalWidth)).toBe(256);
  await expectSessionKept(app);
  app.expectNothingLeaked();
});

test(
  'examples/script-tag-sealed: only the worker gets the script with its key',
  { tag },
  async ({ open }) => {
    const { project, visit } = open('script-tag-sealed');
    const secrets = randomBytes(32).toString('base64');
    const app = await visit(await project.start('server.js', { SEAL_SECRETS: secrets }));
    await expect(app.page.getByRole('button', { name: 'ana' })).toBeVisible();
    await expectSessionKept(app);
    const worker = await app.page.evaluate(() => navigator.serviceWorker.controller?.scriptURL ?? '');
    expect(worker).toContain('persistence=sealed');
    expect(await app.fetch(worker)).toMatchObject({ status: 403 });
    app.expectNothingLeaked();
  },
);

test(
  'examples/react: effects of StrictMode register and fetch once',
  { tag },
  async ({ open, page, portal }) => {
    await page.addInitScript(() => {
      const { serviceWorker } = navigator as Partial<Navigator>;
      if (!serviceWorker) return;
      const register = serviceWorker.register.bind(serviceWorker);
      serviceWorker.register = (...given) => {
        sessionStorage.setItem('registered', `${Number(sessionStorage.getItem('registered')) + 1}`);
        return register(...given);
      };
    });
    const { project, visit } = open('react');
    // Effects run twice in development only.
    const app = await visit(await project.serve('dev'));
    await expect(page.getByText('Signed in as ana')).toBeVisible();
    expect(await page.evaluate(() => sessionStorage.getItem('registered'))).toBe('1');
    expect(portal.log.count({ path: /Countries/, where: ({ user }) => user === 'ana' })).toBe(1);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByText('Not signed in')).toBeVisible();
    app.expectNothingLeaked();
  },
);

for (const name of ['vue', 'svelte'])
  test(
    `examples/${name}: the page shows who is signed in, and the layer`,
    { tag },
    async ({ open, page }) => {
      const { project, visit } = open(name);
      project.build();
      const app = await visit(await project.serve('preview'));
      await expect(page.getByText('Signed in as ana')).toBeVisible();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await expect(page.getByText('Not signed in')).toBeVisible();
      app.expectNothingLeaked();
    },
  );

test('examples/webpack: worker and callback page are entries of their own', { tag }, async ({ open }) => {
  const { project, visit } = open('webpack');
  const output = project.run('node_modules/webpack/bin/webpack.js');
  expect(output, 'an import of the library whose path is no text').not.toContain('lazy ^');
  const app = await visit(await startAppServer({ folders: [`${project.folder}/public`] }));
  await expectSessionKept(app);
  app.expectNothingLeaked();
});

test('examples/sveltekit: the app’s server seals the worker', { tag }, async ({ open, page }) => {
  const { project, visit } = open('sveltekit');
  project.build();
  const secrets = randomBytes(32).toString('base64');
  const server = await project.start('server.js', { SEAL_SECRETS: secrets });
  const app = await visit(server, '/signed-in');
  await expect(page.getByText('Signed in as ana')).toBeVisible();
  expect(await app.fetch(`${server.url}/service-worker.js`)).toMatchObject({ status: 403 });
  await expectSessionKept(app);
  app.expectNothingLeaked();
});

test(
  'examples/offline-map: what was shown and kept is there without a network',
  { tag },
  async ({ open, page, portal }) => {
    const { project, visit } = open('offline-map');
    project.build();
    // Maps are drawn in software here.
    await page.setViewportSize({ width: 480, height: 360 });
    const sites = /^[1-9]\d* sites$/;
    const app = await visit(await project.serve('preview'), '/signed-in.html', sites);
    await page.getByRole('button', { name: 'Keep this map' }).click();
    await expect(page.getByRole('button', { name: 'The map is kept' })).toBeVisible();
    await page.context().setOffline(true);
    portal.log.clear();
    await app.stopWorker();
    await page.reload();
    await expect(page.locator('output')).toHaveText(sites);
    await expect(page.getByRole('button', { name: 'ana' })).toBeVisible();
    // A tile of the area that the map has not shown.
    expect(await app.loadImage(app.federated('Terrain/MapServer/tile/2/1/2'), 'anonymous')).toBe(256);
    expect(portal.log.entries).toEqual([]);
    app.expectNothingLeaked();
  },
);
