/** Builds what the bench needs: the library if it is missing or older than its sources, then pages and workers of the contenders. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'vite';

/** Where the contenders' files go. */
export const appFolder = 'dist/bench';

const require = createRequire(import.meta.url);

/** Folder of an installed package. */
const packageFolder = (name: string): string => join('node_modules', name);

const products = [
  'dist/sw/index.js',
  'dist/client/index.js',
  'dist/identity-worker.js',
  'dist/identity-client.js',
];

/** Builds everything. */
export async function buildAll(): Promise<void> {
  if (isStale()) buildLibrary();
  await build({ ...shared, build: { ...shared.build, emptyOutDir: true, rollupOptions: pages } });
  await build({
    ...shared,
    build: {
      ...shared.build,
      emptyOutDir: false,
      lib: {
        entry: 'bench/pages/identity-worker.ts',
        formats: ['iife'],
        name: 'identityWorker',
        fileName: () => 'identity-worker.js',
      },
    },
  });
  await mkdir(appFolder, { recursive: true });
  for (const file of [
    'index.html',
    'signed-in.html',
    'pass-through.js',
    'rebuild.js',
    'early-return.js',
    'static-route.js',
  ]) {
    await copyFile(join('bench/pages', file), join(appFolder, file));
  }
  await copyFile('bench/pages/axa-trusted-domains.js', join(appFolder, 'OidcTrustedDomains.js'));
  const peer = packageFolder('@axa-fr/oidc-client-service-worker');
  await copyFile(join(peer, 'dist/OidcServiceWorker.js'), join(appFolder, 'OidcServiceWorker.js'));
}

/** Version of an installed package. */
export async function versionOf(name: string): Promise<string> {
  const text = await readFile(join(packageFolder(name), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** workbox asks for this name; there is no `process` in a worker. */
const shared = {
  configFile: false as const,
  publicDir: false as const,
  logLevel: 'warn' as const,
  define: { 'process.env.NODE_ENV': '"production"' },
  build: { outDir: appFolder, target: 'es2022' },
};

const pages = {
  input: { page: 'bench/pages/page.ts', 'signed-in': 'bench/pages/signed-in.ts' },
  output: { entryFileNames: '[name].js' },
};

function buildLibrary(): void {
  const tsx = require.resolve('tsx/cli');
  const { status } = spawnSync(
    process.execPath,
    [tsx, 'scripts/build.ts', 'sw', 'client', 'ready-worker', 'ready-client'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  if (status !== 0) throw new Error('The library could not be built: see "npm run build".');
}

function isStale(): boolean {
  if (!products.every((file) => existsSync(file))) return true;
  const builtAtMs = Math.min(...products.map((file) => statSync(file).mtimeMs));
  return ['sw', 'client', 'protocol'].some((folder) => newest(folder) > builtAtMs);
}

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
      .map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs),
  );
