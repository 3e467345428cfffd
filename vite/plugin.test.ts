import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, createServer, type PluginOption } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataWorker } from './data-worker.js';
import { identityWorker, type IdentityWorkerPluginOptions } from './plugin.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'identity-worker-plugin-'));
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'package.json'), '{ "name": "app", "type": "module" }');
  writeFileSync(
    join(root, 'index.html'),
    '<!doctype html><script type="module" src="/src/main.ts"></script>',
  );
  writeFileSync(
    join(root, 'src/main.ts'),
    "import * as setUp from 'virtual:identity-worker'; console.log(setUp);",
  );
  // Workers as small as they can be: what is tested is whose they are.
  writeFileSync(join(root, 'src/sw.ts'), "console.log('identity:connect');");
  writeFileSync(join(root, 'src/other.ts'), "console.log('of another kind');");
  for (const name of ['identity-worker', 'identity-worker/sw']) {
    const folder = join(root, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({
        name: 'identity-worker',
        exports: { '.': './i.js', './sw': './sw/i.js' },
        sideEffects: true,
      }),
    );
  }
  writeFileSync(
    join(root, 'node_modules/identity-worker/i.js'),
    'export const IdentityManager = { instance: (options) => options };',
  );
  writeFileSync(
    join(root, 'node_modules/identity-worker/sw/i.js'),
    "export class IdentityWorker { listen() { console.log('identity:connect') } }; export const arcgisOnline = String;",
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const buildWith = (
  options: IdentityWorkerPluginOptions,
  other: PluginOption = [],
  base = '/',
): ReturnType<typeof build> =>
  build({
    configFile: false,
    root,
    base,
    logLevel: 'silent',
    build: { minify: false },
    plugins: [other, identityWorker(options)],
  });

const pwa = (filename: string): PluginOption =>
  VitePWA({ strategies: 'injectManifest', srcDir: 'src', filename, manifest: false, injectRegister: null });

const read = (file: string): string => readFileSync(join(root, 'dist', file), 'utf8');

test.each([
  ['neither worker nor portals', {}, 'vite-worker-unnamed'],
  ['both', { worker: 'src/sw.ts', portals: [] }, 'vite-worker-unnamed'],
  ['a script in a folder', { worker: 'src/sw.ts', script: 'js/sw.js' }, 'vite-script-invalid'],
  ['a script with a query', { worker: 'src/sw.ts', script: 'sw.js?v=1' }, 'vite-script-invalid'],
])('%s: the plugin throws when it is made', (_, options, code) => {
  expect(() => identityWorker(options)).toThrow(expect.objectContaining({ code }));
});

test('a source that is not there is named', async () => {
  await expect(buildWith({ worker: 'sw.ts' })).rejects.toMatchObject({
    code: 'vite-worker-missing',
    message: expect.stringMatching(/^sw\.ts: /),
  });
});

test('a worker that vite-plugin-pwa builds under another name is missed', async () => {
  await expect(buildWith({ worker: 'src/sw.ts' }, pwa('other.ts'))).rejects.toThrow(
    /sw\.js: No worker of this name is built/,
  );
});

test('a worker of vite-plugin-pwa without ours is noticed', async () => {
  await expect(buildWith({ worker: 'src/other.ts' }, pwa('other.ts'))).rejects.toThrow(
    /other\.js: The worker that vite-plugin-pwa has built has no IdentityWorker/,
  );
});

test('vite-plugin-pwa that is switched off builds nothing: the plugin does', async () => {
  await buildWith({ worker: 'src/sw.ts' }, VitePWA({ disable: true }));
  expect(read('sw.js')).toContain('identity:connect');
});

test('a build without vite-plugin-pwa has worker, callback page and the addresses, relative too', async () => {
  await buildWith({ worker: 'src/sw.ts', callbackPage: 'back.html' }, [], './');
  expect(read('sw.js')).toContain('identity:connect');
  expect(read('back.html')).toMatch(/src="\.\/assets\/back-/);
  const scripts = readdirSync(join(root, 'dist/assets')).map((name) => read(`assets/${name}`));
  expect(scripts.join('')).toContain('./sw.js');
});

test('the worker of the development server changes with its source', async () => {
  const server = await createServer({
    configFile: false,
    root,
    logLevel: 'silent',
    server: { host: '127.0.0.1', headers: { 'cross-origin-embedder-policy': 'credentialless' } },
    plugins: [identityWorker({ worker: 'src/sw.ts' })],
  });
  await server.listen();
  const get = (path: string): Promise<Response> => fetch(new URL(path, server.resolvedUrls?.local[0]));
  const before = await get('/sw.js');
  expect(await before.text()).toContain('identity:connect');
  expect(before.headers.get('cross-origin-embedder-policy')).toBe('credentialless');
  expect(before.headers.get('content-type')).toMatch(/^text\/javascript/);
  expect(await (await get('/signed-in.html?code=1')).text()).toContain('html-proxy');
  writeFileSync(join(root, 'src/sw.ts'), "console.log('identity:connect', 2);");
  await expect.poll(async () => (await get('/sw.js')).text(), { timeout: 10_000 }).toContain('2)');
  await server.close();
});

test('portals as data get the function that registers their kind, and the redirect URI', () => {
  const source = dataWorker(
    [
      { clientId: 'a' },
      { clientId: 'b', url: 'https://org.maps.arcgis.com' },
      { clientId: 'c', url: 'https://gis.example.org/portal', redirectUri: 'urn:ietf:wg:oauth:2.0:oob' },
      { clientId: 'd', issuer: 'https://id.example.org', resources: [] },
      { clientId: 'e', url: 'https://maps.arcgis.com.example.org/portal' },
    ],
    { redirectUri: 'signed-in.html', callback: 'page' },
  );
  expect(
    [...source.matchAll(/sw\.(arcgis\w+|oauthServer)\((\{.*?\})\)/g)].map(([, name, options = '']) => [
      name,
      JSON.parse(options).redirectUri,
    ]),
  ).toEqual([
    ['arcgisOnline', 'signed-in.html'],
    ['arcgisOnline', 'signed-in.html'],
    ['arcgisEnterprise', 'urn:ietf:wg:oauth:2.0:oob'],
    ['oauthServer', 'signed-in.html'],
    ['arcgisEnterprise', 'signed-in.html'],
  ]);
});
