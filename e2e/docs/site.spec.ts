/** The documentation as a site, built by `npm run docs:site`: every page is led to, found and readable, and nothing comes from elsewhere. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { startAppServer, type AppServer } from '../../demo/app-server.js';

const folder = 'dist/site';

let site: AppServer;
test.beforeAll(async () => {
  if (!existsSync(`${folder}/index.html`)) throw new Error('Build the site first: npm run docs:site');
  site = await startAppServer({ folders: [folder] });
});
test.afterAll(() => site.close());

/** Addresses of requests that leave the site: none. */
const elsewhere: string[] = [];
test.beforeEach(({ context }) => {
  context.on('request', (request) => {
    const { origin, protocol, href } = new URL(request.url());
    if (origin !== site.url && protocol !== 'data:') elsewhere.push(href);
  });
});
test.afterEach(() => expect(elsewhere.splice(0)).toEqual([]));

/** Pages that the navigation beside one of these pages, and at the top, leads to. */
const linksOf = (page: Page, addresses: readonly string[]): Promise<string[]> =>
  page.evaluate(
    async (all) =>
      (
        await Promise.all(
          all.map(async (address) => {
            const html = await (await fetch(address)).text();
            const { body } = new DOMParser().parseFromString(html, 'text/html');
            return [...body.querySelectorAll<HTMLAnchorElement>('.VPNavBarMenu a, .VPSidebar a')].map(
              ({ pathname }) => pathname,
            );
          }),
        )
      ).flat(),
    addresses,
  );

test('the navigation leads to every page', async ({ page }) => {
  await page.goto(`${site.url}/`);
  const seen = new Set<string>();
  for (let next = ['/']; next.length > 0;) {
    const found = new Set(await linksOf(page, next));
    next = [...found].filter((link) => link.endsWith('/') && !seen.has(link));
    for (const link of found) seen.add(link);
  }
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.html') && name !== '/404.html')
    .map((name) => name.replace(/\/index\.html$/, '/'));
  expect(pages.length).toBeGreaterThan(60);
  expect(pages.filter((name) => !seen.has(name))).toEqual([]);
});

test('a dead link fails the build', () => {
  const root = 'node_modules/.cache/dead-link';
  mkdirSync(`${root}/.vitepress/theme`, { recursive: true });
  writeFileSync(
    `${root}/.vitepress/config.ts`,
    `import site from '${resolve('docs/.vitepress/config.js').replaceAll('\\', '/')}';
export default { ...site, outDir: 'site', cacheDir: 'cache', themeConfig: {} };\n`,
  );
  // The site's own takes most of the time of a build.
  writeFileSync(`${root}/.vitepress/theme/index.ts`, 'export default { Layout: () => null };\n');
  writeFileSync(`${root}/index.md`, 'A [dead link](/none).\n');
  const vitepress = ['node_modules/vitepress/bin/vitepress.js', 'build', root];
  const { status, stderr } = spawnSync(process.execPath, vitepress, { encoding: 'utf8' });
  rmSync(root, { recursive: true });
  expect(stderr).toContain('1 dead link(s) found');
  expect(status).not.toBe(0);
});

test('the search finds an error by its code and a guide by its words', async ({ page }) => {
  await page.goto(`${site.url}/`);
  await page.getByRole('button', { name: 'Search' }).click();
  for (const [words, address] of [
    ['worker-script-wrong-type', /\/errors\.html#worker-script-wrong-type$/],
    ['web.config', /\/hosting\.html#iis$/],
  ] as const) {
    await page.getByRole('searchbox').fill(words);
    await expect
      .poll(() =>
        page
          .getByRole('option')
          .evaluateAll((options) => options.map((option) => option.querySelector('a')?.href)),
      )
      .toContainEqual(expect.stringMatching(address));
  }
});

test('by keyboard: the skip link leads past the navigation, and the search opens, finds and follows', async ({
  page,
}) => {
  await page.goto(`${site.url}/hosting.html`);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.closest('#VPContent') !== null)).toBe(true);

  await page.keyboard.press('Control+k');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('worker-script-wrong-type');
  await expect(page.getByRole('option').first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/errors\.html#worker-script-wrong-type$/);

  await page.keyboard.press('Control+k');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('searchbox')).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(() => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    for (const name of ['/', '/how-it-works.html', '/hosting.html'])
      test(`${name} is accessible in ${colorScheme} colours, and its pictures are there`, async ({
        page,
      }) => {
        await page.goto(site.url + name);
        await expect(page.locator('html')).toHaveClass(colorScheme === 'dark' ? /dark/ : /^(?!.*dark)/);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        ).toEqual([]);
        const missing = await page
          .locator('main img')
          .evaluateAll((images) =>
            (images as HTMLImageElement[]).filter((image) => image.naturalWidth === 0).map(({ src }) => src),
          );
        expect(missing).toEqual([]);
      });
  });
}
