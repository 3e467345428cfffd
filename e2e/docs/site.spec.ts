/** The documentation as a site, built by `npm run docs:site`: every page is led to, found and readable, and nothing comes from elsewhere. */
import { existsSync, readdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';
import { startAppServer } from '../../demo/app-server.js';

const folder = 'dist/site';

const test = base.extend<{ elsewhere: string[] }, { url: string }>({
  url: [
    async ({}, use) => {
      if (!existsSync(`${folder}/index.html`)) throw new Error('Build the site first: npm run docs:site');
      const server = await startAppServer({ folders: [folder] });
      await use(server.url);
      await server.close();
    },
    { scope: 'worker' },
  ],
  /** Addresses of requests that leave the site. */
  elsewhere: [
    async ({ context, url }, use) => {
      const addresses: string[] = [];
      context.on('request', (request) => {
        if (new URL(request.url()).origin !== url && !request.url().startsWith('data:'))
          addresses.push(request.url());
      });
      await use(addresses);
      expect(addresses).toEqual([]);
    },
    { auto: true },
  ],
});

const linksOf = (page: Page): Promise<string[]> =>
  page
    .locator('.VPNavBarMenu a, .VPSidebar a')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).pathname));

test('the navigation leads to every page', async ({ page, url }) => {
  const seen = new Set<string>();
  for (const start of ['/', '/api/', '/decisions/']) {
    await page.goto(url + start);
    for (const link of await linksOf(page)) seen.add(link.replace(/\/$/, '/index.html'));
  }
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.html') && name !== '/404.html');
  expect(pages.length).toBeGreaterThan(60);
  expect(pages.filter((name) => !seen.has(name))).toEqual([]);
});

test('the search finds an error by its code and a guide by its words', async ({ page, url }) => {
  await page.goto(`${url}/`);
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

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(() => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    for (const name of ['/', '/how-it-works.html', '/hosting.html'])
      test(`${name} is accessible in ${colorScheme} colours, and its pictures are there`, async ({
        page,
        url,
      }) => {
        await page.goto(url + name);
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
