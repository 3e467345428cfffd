/** Every build of the project, one mode each: the library's entries, its ready files, the demo, the pages of the e2e tests. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type Rolldown, type UserConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { secondPass } from './scripts/second-pass.js';
import { withoutIterators } from './scripts/without-iterators.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8')) as { version: string };

/** workbox asks for this name; there is no `process` in a worker. */
const define = { 'process.env.NODE_ENV': '"production"' };

const shippedDependencies = [/^workbox-/, /^idb$/, /^comlink$/, /^oauth4webapi$/];

/** Beside `identity-client.js`: what it loads when it is needed. */
const CHUNKS_FOLDER = 'identity-client';

/** File in that folder → its source. */
const chunks: Readonly<Record<string, string>> = {
  'sign-in': 'client/sign-in/chunk.ts',
  'inspect-clients': 'client/inspect-clients.ts',
  diagnosis: 'client/diagnosis.ts',
  tracing: 'client/tracing.ts',
  'option-warnings': 'client/option-warnings.ts',
  account: 'client/account/chunk.ts',
  'error-messages': 'protocol/error-messages.ts',
  ...Object.fromEntries(
    ['ar', 'de', 'es', 'fr', 'ja'].map((name) => [
      `languages/${name}`,
      `client/sign-in/languages/${name}.ts`,
    ]),
  ),
};

/** Imports of the chunks stay imports, relative to the file that has them. */
function importsChunks(folder: string): Rolldown.RolldownOptions {
  const byModule = new Map(
    Object.entries(chunks).map(([name, source]) => [path(source.replace(/ts$/, 'js')), name]),
  );
  return {
    external: (id, importer) =>
      importer !== undefined && id.startsWith('.') && byModule.has(resolve(dirname(importer), id)),
    output: {
      paths: (id) => {
        const name = byModule.get(id);
        // A cache keeps the files of two versions apart.
        return name === undefined ? id : `./${folder}${name}.js?v=${version}`;
      },
    },
  };
}

/** Entries for apps with a bundler: ES modules that share what is common, dependencies left to the bundler. */
const library = (folder: string, outDir: string, names = ['index']): UserConfig => ({
  build: {
    lib: {
      entry: Object.fromEntries(names.map((name) => [name, path(`${folder}/${name}.ts`)])),
      formats: ['es'],
    },
    outDir: path(outDir),
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    target: 'es2022',
    rollupOptions: {
      external: shippedDependencies,
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
});

/** A chunk of the ready client: a module with everything inside but the other chunks. */
const readyChunk = (name: string, source: string): UserConfig => ({
  build: {
    lib: { entry: path(source), formats: ['es'], fileName: () => `${name}.js` },
    outDir: path(`dist/${CHUNKS_FOLDER}`),
    emptyOutDir: false,
    // A comment that names the map would be a request for a file that few sites have, and bytes in every page.
    sourcemap: 'hidden',
    target: 'es2022',
    rollupOptions: importsChunks(''),
  },
  plugins: [secondPass],
});

/** The entries for the app's server: modules for Node and edge runtimes, sharing what is common. */
const server = (): UserConfig => ({
  build: {
    lib: {
      entry: {
        index: path('server/index.ts'),
        node: path('server/node.ts'),
        vite: path('vite/index.ts'),
      },
      formats: ['es'],
    },
    outDir: path('dist/server'),
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    target: 'es2022',
    rollupOptions: {
      external: [/^node:/, 'vite'],
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
});

/** The command line: its commands are loaded when they are called. */
const cli = (): UserConfig => ({
  build: {
    lib: { entry: path('cli/index.ts'), formats: ['es'], fileName: () => 'index.js' },
    outDir: path('dist/cli'),
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    // With `await` outside of functions.
    target: 'es2022',
    rollupOptions: { external: /^node:/, output: { chunkFileNames: '[name].js' } },
  },
});

/** The testing package: the portal and its fixtures, which leave their dependencies to Node. */
const testing = (): UserConfig => ({
  build: {
    lib: {
      entry: Object.fromEntries(['index', 'playwright'].map((name) => [name, path(`testing/${name}.ts`)])),
      formats: ['es'],
    },
    outDir: path('testing/dist'),
    emptyOutDir: false,
    minify: false,
    sourcemap: true,
    target: 'es2022',
    rollupOptions: {
      // Whatever is neither a relative path nor a file.
      external: /^[^./]/,
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
});

/** A classic script with everything inside, such as the ready files for sites without a build. */
const classicScript = (entry: string, file: string, outDir = 'dist'): UserConfig => ({
  define,
  build: {
    lib: { entry: path(entry), formats: ['iife'], name: 'identityWorker', fileName: () => file },
    outDir: path(outDir),
    emptyOutDir: false,
    sourcemap: outDir === 'dist' && 'hidden',
    target: 'es2022',
    rollupOptions: {
      ...importsChunks(`${CHUNKS_FOLDER}/`),
      // The second pass is meant to take its time.
      checks: { pluginTimings: false },
    },
  },
});

/** The demo: a PWA whose own worker has the Identity Worker inside. Addresses are filled in by its server at run time. */
const demo = (): UserConfig => ({
  root: path('demo/app'),
  define: { ...define, __PORTAL_URL__: '"__PORTAL_URL__"', __SERVER_URL__: '"__SERVER_URL__"' },
  build: {
    outDir: path('dist/demo'),
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: { input: [path('demo/app/index.html'), path('demo/app/signed-in.html')] },
  },
  plugins: [
    VitePWA({
      strategies: 'injectManifest',
      srcDir: '.',
      filename: 'worker.ts',
      injectRegister: null,
      injectManifest: {
        globPatterns: ['**/*.{html,js,css,svg,png}'],
        rollupFormat: 'iife',
        maximumFileSizeToCacheInBytes: 4_000_000,
      },
      manifest: {
        name: 'Identity Worker: signed-in map',
        short_name: 'Signed-in map',
        description: 'Secured map layers in a page that knows nothing of tokens.',
        theme_color: '#0b5cad',
        background_color: '#f4f6f8',
        display: 'standalone',
        icons: [
          { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
          { src: 'icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
          { src: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
          { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
    }),
  ],
});

/** Plain pages for the e2e tests, built against the public entries as an app would. */
const e2e = (names: readonly string[], outDir = 'dist/e2e'): UserConfig => ({
  root: path('e2e/pages'),
  define,
  build: {
    outDir: path(outDir),
    emptyOutDir: true,
    minify: false,
    target: 'es2022',
    rollupOptions: {
      input: Object.fromEntries(names.map((name) => [name, path(`e2e/pages/${name}.ts`)])),
      output: { entryFileNames: '[name].js' },
    },
  },
});

/** In builds of the e2e tests for two versions of the protocol: their server fills in which one a file speaks. */
const anyProtocolVersion: Plugin = {
  name: 'any-protocol-version',
  // The built entries have the number in many places: their sources have it in one.
  config: () => ({
    resolve: {
      alias: [
        { find: /^identity-worker$/, replacement: path('client/index.ts') },
        { find: /^identity-worker\/sw$/, replacement: path('sw/index.ts') },
      ],
    },
  }),
  transform: (code) =>
    code.includes('PROTOCOL_VERSION = ')
      ? code.replace(/PROTOCOL_VERSION = \d+;/, "PROTOCOL_VERSION = JSON.parse('__PROTOCOL_VERSION__');")
      : undefined,
};

/** Every build, by its mode. */
export const modes: Readonly<Record<string, () => UserConfig>> = {
  sw: () => library('sw', 'dist/sw', ['index', 'core', 'offline', 'presets']),
  client: () => library('client', 'dist/client', ['index', 'account', 'arcgis-core', 'offline']),
  server,
  testing,
  cli,
  'ready-worker': () => ({
    ...classicScript('sw/standalone.ts', 'identity-worker.js'),
    plugins: [withoutIterators, secondPass],
  }),
  'ready-client': () => ({
    ...classicScript('client/script-tag.ts', 'identity-client.js'),
    plugins: [secondPass],
  }),
  ...Object.fromEntries(
    Object.entries(chunks).map(([name, source]) => [`ready-client/${name}`, () => readyChunk(name, source)]),
  ),
  demo,
  e2e: () =>
    e2e([
      'page',
      'edits',
      'signed-in',
      'areas',
      'account',
      'guide/page',
      'guide/signed-in',
      'guide/account',
      'guide/account-element',
      'guide/own-sign-in',
      'guide/redirect',
      'guide/session',
      'guide/words',
      'guide/inspect-clients',
      'guide/tracing',
      'guide/edits',
      'guide/areas',
      'transparency/page',
      'transparency/asker',
    ]),
  'e2e-any-version': () => ({
    ...e2e(['page', 'signed-in'], 'dist/e2e/any-version'),
    plugins: [anyProtocolVersion],
  }),
  'e2e-any-version-worker': () => ({
    ...classicScript('e2e/pages/worker.ts', 'worker.js', 'dist/e2e/any-version'),
    plugins: [anyProtocolVersion],
  }),
  'e2e-guide-worker': () => classicScript('e2e/pages/guide/worker.ts', 'worker.js', 'dist/e2e/guide'),
  'e2e-guide-core-worker': () =>
    classicScript('e2e/pages/guide/core-worker.ts', 'core-worker.js', 'dist/e2e/guide'),
  'e2e-guide-offline-worker': () =>
    classicScript('e2e/pages/guide/offline-worker.ts', 'offline-worker.js', 'dist/e2e/guide'),
  'e2e-guide-edits-worker': () =>
    classicScript('e2e/pages/guide/edits-worker.ts', 'edits-worker.js', 'dist/e2e/guide'),
  'e2e-guide-oidc-worker': () =>
    classicScript('e2e/pages/guide/oidc-worker.ts', 'oidc-worker.js', 'dist/e2e/guide'),
  'e2e-core-worker': () => classicScript('e2e/pages/core-worker.ts', 'core-worker.js', 'dist/e2e'),
  'e2e-edits-worker': () => classicScript('e2e/pages/edits-worker.ts', 'edits-worker.js', 'dist/e2e'),
  'e2e-offline-worker': () => classicScript('e2e/pages/offline-worker.ts', 'offline-worker.js', 'dist/e2e'),
  'e2e-naive-edits-worker': () =>
    classicScript('e2e/pages/naive-edits-worker.ts', 'naive-edits-worker.js', 'dist/e2e'),
  'e2e-viewer-worker': () => classicScript('e2e/pages/viewer-worker.ts', 'viewer-worker.js', 'dist/e2e'),
  'e2e-own-worker': () => classicScript('e2e/pages/own-worker.ts', 'own-worker.js', 'dist/e2e'),
  'e2e-worker': () => classicScript('e2e/pages/worker.ts', 'worker.js', 'dist/e2e'),
};

export default defineConfig(({ mode }) => ({
  configFile: false,
  publicDir: mode === 'demo' ? 'public' : false,
  ...(modes[mode] ?? demo)(),
}));
