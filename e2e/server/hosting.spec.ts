/** The configurations of docs/hosting.md: nginx and Apache are run, those of hosts are read as their documentation says. */
import { readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import ts from 'typescript';
import { contentSecurityPolicy } from 'identity-worker/server';
import { findWebServer } from '../../scripts/web-servers.js';
import { expect, test, TestApp } from '../support/fixtures.js';
import { askWorker, register, secrets } from '../support/sealed-site.js';
import { aCount, countQuery } from '../support/services.js';
import { startWebServer, writeSite, type Started, type WebServerName } from '../support/web-servers.js';

const read = (name: string): string => readFileSync(`e2e/servers/hosting/${name}`, 'utf8');

const policy = contentSecurityPolicy({ portals: ['https://gis.example.org'], trustedTypes: false }).page;

test('every configuration has the policy that the library makes', () => {
  for (const name of [
    'nginx.conf',
    'apache.conf',
    'netlify/_headers',
    'cloudflare/_headers',
    'iis/web.config',
  ])
    expect(read(name), name).toContain(policy);
});

/** Path → what is sent, where the site has all files. */
const expected = {
  '/worker.js': { title: undefined, cacheControl: 'no-cache', scope: '/' },
  '/signed-in.html': { title: 'Signed in', cacheControl: 'no-cache', scope: null },
  '/': { title: 'App', cacheControl: null, scope: null },
  '/maps/12': { title: 'App', cacheControl: null, scope: null },
} as const;

for (const name of ['nginx', 'apache'] satisfies WebServerName[]) {
  test.describe(name, () => {
    test.skip(!findWebServer(name), `${name} is not installed`);

    /** The site with the ready worker, whose pages sign in at the portal. */
    const start = async (portal: { url: string; origin: string; serverUrl: string; hostedUrl: string }) => {
      const tag = `<script src="/identity-client.js" data-worker="/worker.js" data-portal="${portal.url}" data-client-id="idw-demo" data-redirect-uri="/signed-in.html"></script>`;
      const page = (title: string): string =>
        `<!doctype html><html lang="en"><head><title>${title}</title><link rel="icon" href="data:,">${tag}</head><body></body></html>`;
      const root = writeSite({
        'index.html': page('App'),
        'signed-in.html': page('Signed in'),
        'worker.js': readFileSync('dist/identity-worker.js'),
        'identity-client.js': readFileSync('dist/identity-client.js'),
        'identity-client/sign-in.js': readFileSync('dist/identity-client/sign-in.js'),
      });
      const origins = [...new Set([portal.origin, new URL(portal.serverUrl).origin])].join(' ');
      const lines = read(`${name}.conf`).replaceAll('https://gis.example.org', origins);
      const started = await startWebServer(name, {
        root,
        [name === 'nginx' ? 'server' : 'folder']: lines,
      });
      return { ...started, root };
    };

    test('headers, types, fallback and what is missing; a sign-in under the policy', async ({
      page,
      portal,
    }) => {
      const site = await start(portal);
      try {
        for (const [path, { title, cacheControl, scope }] of Object.entries(expected)) {
          const answer = await fetch(site.url + path, { headers: { accept: 'text/html' } });
          expect(answer.status, path).toBe(200);
          expect(answer.headers.get('cache-control'), path).toBe(cacheControl);
          expect(answer.headers.get('service-worker-allowed'), path).toBe(scope);
          expect(answer.headers.get('content-security-policy'), path).toContain("default-src 'self'");
          expect(answer.headers.get('content-type'), path).toMatch(
            title === undefined ? /^(?:text|application)\/javascript/ : /^text\/html/,
          );
          expect(/<title>(.*)<\/title>/.exec(await answer.text())?.[1], path).toBe(title);
        }

        portal.addRedirectUri(`${site.url}/signed-in.html`);
        const app = new TestApp(page, portal, site.url);
        await app.open('/maps/12');
        const popup = await app.waitForPopup(() =>
          page.evaluate(() => void window.identity.signIn().catch(String)),
        );
        await app.fillIn(popup, 'ana');
        expect(await app.fetchJson(app.federated(countQuery()))).toEqual(aCount);

        for (const missing of ['worker.js', 'signed-in.html']) {
          rmSync(`${site.root}/${missing}`);
          expect((await fetch(`${site.url}/${missing}`)).status, missing).toBe(404);
        }
      } finally {
        await site.close();
        rmSync(site.root, { recursive: true });
      }
    });

    test('sealed: the worker gets its key through it, other workers are refused', async ({ page }) => {
      process.env['SEAL_SECRETS'] = secrets[0];
      process.env['PORT'] = '0';
      const { server } = await import('../servers/node.js');
      // Another test of this process may have closed it.
      if (!server.listening) server.listen(0);
      if (!server.address()) await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as AddressInfo;
      const root = writeSite({ 'other.js': '', 'index.html': 'Not from the Node server' });
      const lines = read(`${name}-sealed.conf`).replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`);
      const plain = read(`${name}.conf`);
      const site: Started = await startWebServer(name, {
        root,
        // At nginx in place of two locations, at Apache beside what the folder has.
        ...(name === 'nginx'
          ? { server: plain.replace(/^location = [^{]*\{[^}]*\}\n/gm, '') + lines }
          : { server: lines, folder: plain }),
      });
      try {
        await page.goto(site.url);
        expect(await register(page)).toBe('active');
        expect(await askWorker(page)).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
        const fetched = { 'sec-fetch-dest': 'serviceworker', 'service-worker': 'script' };
        expect((await fetch(`${site.url}/other.js`)).status).toBe(200);
        expect((await fetch(`${site.url}/other.js`, { headers: fetched })).status).toBe(403);
        expect((await fetch(`${site.url}/worker.js`)).status).toBe(403);
        expect(await (await fetch(`${site.url}/maps/12`)).text()).toBe('Not from the Node server');
        await page.goto(`${site.url}/signed-in.html?code=secret-code`);
        expect(page.url()).toBe(`${site.url}/signed-in.html?identity-worker=none#_`);
      } finally {
        await site.close();
        rmSync(root, { recursive: true });
      }
    });
  });
}

/** Headers of a `_headers` file for a path. A path of a rule is exact, or ends with `*`. */
function headersFor(file: string, path: string): Record<string, string> {
  const rules = read(file)
    .split(/^(?=\S)/m)
    .map((rule) => rule.trim().split(/\n\s+/));
  const matching = rules.filter(([pattern = '']) =>
    pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern,
  );
  return Object.fromEntries(
    matching.flatMap(([, ...lines]) =>
      lines.map((line) => {
        const [, name = '', value = ''] = /^([\w-]+): (.+)$/.exec(line) ?? [];
        return [name.toLowerCase(), value];
      }),
    ),
  );
}

for (const [host, callback] of [
  ['netlify', '/signed-in.html'],
  ['cloudflare', '/signed-in'],
] as const)
  test(`${host}: the headers of worker and callback page`, () => {
    const headers = (path: string) => headersFor(`${host}/_headers`, path);
    const page = { 'content-security-policy': policy };
    expect(headers('/worker.js')).toEqual({
      ...page,
      'cache-control': 'no-cache',
      'service-worker-allowed': '/',
    });
    expect(headers(callback)).toEqual({ ...page, 'cache-control': 'no-cache' });
    expect(headers('/maps/12')).toEqual(page);
  });

test('netlify: what is missing is not found, all else is the app', () => {
  const rules = read('netlify/_redirects')
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/));
  const answer = (path: string) =>
    rules.find(([from = '']) => (from.endsWith('*') ? path.startsWith(from.slice(0, -1)) : path === from));
  expect(answer('/worker.js')).toEqual(['/worker.js', '/404.html', '404']);
  expect(answer('/signed-in.html')?.[2]).toBe('404');
  expect(answer('/maps/12')).toEqual(['/*', '/index.html', '200']);
});

test('cloudflare: wrangler.jsonc can be read', () => {
  const { config, error } = ts.parseConfigFileTextToJson('wrangler.jsonc', read('cloudflare/wrangler.jsonc'));
  expect(error).toBeUndefined();
  expect(config).toMatchObject({ assets: { not_found_handling: 'single-page-application' } });
});

test('IIS: both files are XML, and the rules leave worker and callback page alone', async ({ page }) => {
  const rules = await page.evaluate(
    (texts) =>
      texts.map((text) => {
        const parsed = new DOMParser().parseFromString(text, 'text/xml');
        if (parsed.querySelector('parsererror')) throw new Error(parsed.documentElement.textContent);
        return [...parsed.querySelectorAll('rule')].map((rule) => ({
          url: rule.querySelector('match')?.getAttribute('url') ?? '',
          isNegated: rule.querySelector('match')?.getAttribute('negate') === 'true',
          except: rule.querySelector('[input="{PATH_INFO}"]')?.getAttribute('pattern') ?? '',
          action: rule.querySelector('action')?.getAttribute('type'),
        }));
      }),
    [read('iis/web.config').trim(), read('iis/sealed.config')],
  );
  const [[app], [others, sealed]] = rules as [[(typeof rules)[0][0]], (typeof rules)[0]];
  const excepted = new RegExp(app?.except ?? '');
  expect(
    ['/worker.js', '/signed-in.html', '/maps/12', '/xworker.js'].map((path) => excepted.test(path)),
  ).toEqual([true, true, false, false]);
  // The URL of a rule has no slash in front.
  const isOther = (path: string) => new RegExp(others?.url ?? '').test(path) !== others?.isNegated;
  expect(['worker.js', 'other.js', 'worker.jsx'].map(isOther)).toEqual([false, true, true]);
  const isSealed = (path: string) => new RegExp(sealed?.url ?? '').test(path);
  expect(['worker.js', 'signed-in.html', '', 'maps/12'].map(isSealed)).toEqual([true, true, true, false]);
});
