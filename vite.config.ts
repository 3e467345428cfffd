/** Every build of the project, one mode each: the library's entries, its two ready files, the demo, the pages of the e2e tests. */
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** workbox asks for this name; there is no `process` in a worker. */
const define = { 'process.env.NODE_ENV': '"production"' };

const shippedDependencies = [/^workbox-/, /^idb$/, /^comlink$/, /^oauth4webapi$/];

const LANGUAGES = 'identity-languages';
const isLanguage = /\/languages\/\w+\.js$/;

/** Where a language's file is found from the file that loads it. */
const languagePath =
  (folder: string) =>
  (id: string): string =>
    isLanguage.test(id) ? `${folder}${LANGUAGES}/${id.slice(id.lastIndexOf('/') + 1)}` : id;

/** Errors cross to the page as codes, and get their text there: a worker needs none of those. */
const withoutPageTexts: UserConfig['resolve'] = {
  alias: [{ find: /^\.\/page-error-texts\.js$/, replacement: path('protocol/no-page-error-texts.ts') }],
};

/** An entry for people with a bundler: ES module, dependencies left to it. */
const library = (entry: string, outDir: string): UserConfig => ({
  build: {
    lib: { entry: path(entry), formats: ['es'], fileName: 'index' },
    outDir: path(outDir),
    emptyOutDir: true,
    minify: false,
    target: 'es2022',
    rollupOptions: {
      external: [...shippedDependencies, isLanguage],
      output: { paths: languagePath('../') },
    },
  },
});

/** The languages of the dialog, each in a file that is loaded when it is needed: by an app's bundler, or from beside the ready file. */
const languages = (): UserConfig => ({
  build: {
    lib: {
      entry: Object.fromEntries(
        ['ar', 'de', 'es', 'fr', 'ja'].map((name) => [name, path(`client/login/languages/${name}.ts`)]),
      ),
      formats: ['es'],
    },
    outDir: path(`dist/${LANGUAGES}`),
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: { output: { entryFileNames: '[name].js' } },
  },
});

/** The entries for the app's server: modules for Node and edge runtimes, sharing what is common. */
const server = (): UserConfig => ({
  build: {
    lib: {
      entry: Object.fromEntries(['index', 'node', 'vite'].map((name) => [name, path(`broker/${name}.ts`)])),
      formats: ['es'],
    },
    outDir: path('dist/broker'),
    emptyOutDir: true,
    minify: false,
    target: 'es2022',
    rollupOptions: {
      external: [/^node:/, 'vite'],
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
    target: 'es2022',
    rollupOptions: {
      external: [isLanguage],
      output: { paths: languagePath('./') },
      // The second pass is meant to take its time.
      checks: { pluginTimings: false },
    },
  },
});

/** A second minifier over the first one's work: the ready files become some two per cent smaller (docs/performance.md). */
const secondPass: Plugin = {
  name: 'second-pass',
  async generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      const { code, map } = await minify(chunk.code, {
        ecma: 2020,
        compress: { passes: 3 },
        // For bench/size.ts, which tells by it whose bytes they are.
        ...(chunk.map ? { sourceMap: { content: JSON.stringify(chunk.map), includeSources: true } } : {}),
      });
      if (code !== undefined) chunk.code = code;
      if (typeof map === 'string') chunk.map = JSON.parse(map) as typeof chunk.map;
    }
  },
};

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
        icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
      },
    }),
  ],
});

/** Plain pages for the e2e tests, built against the public entries as an app would. */
const e2e = (): UserConfig => ({
  root: path('e2e/pages'),
  define,
  build: {
    outDir: path('dist/e2e'),
    emptyOutDir: true,
    minify: false,
    target: 'es2022',
    rollupOptions: {
      input: Object.fromEntries(
        [
          'page',
          'signed-in',
          'guide/page',
          'guide/signed-in',
          'guide/account',
          'guide/own-login',
          'guide/redirect',
          'guide/session',
          'guide/words',
          'guide/control',
          'transparency/page',
          'transparency/asker',
        ].map((name) => [name, path(`e2e/pages/${name}.ts`)]),
      ),
      output: { entryFileNames: '[name].js' },
    },
  },
});

const modes: Record<string, () => UserConfig> = {
  sw: () => ({ ...library('sw/index.ts', 'dist/sw'), resolve: withoutPageTexts }),
  client: () => library('client/index.ts', 'dist/client'),
  languages,
  broker: server,
  'ready-worker': () => ({
    ...classicScript('sw/standalone.ts', 'identity-worker.js'),
    resolve: withoutPageTexts,
    plugins: [secondPass],
  }),
  'ready-client': () => ({
    ...classicScript('client/script-tag.ts', 'identity-client.js'),
    plugins: [secondPass],
  }),
  demo,
  e2e,
  'e2e-guide-worker': () => classicScript('e2e/pages/guide/worker.ts', 'worker.js', 'dist/e2e/guide'),
  'e2e-own-worker': () => classicScript('e2e/pages/own-worker.ts', 'own-worker.js', 'dist/e2e'),
  'e2e-worker': () => classicScript('e2e/pages/worker.ts', 'worker.js', 'dist/e2e'),
};

export default defineConfig(({ mode }) => ({
  configFile: false,
  publicDir: mode === 'demo' ? 'public' : false,
  ...(modes[mode] ?? demo)(),
}));
