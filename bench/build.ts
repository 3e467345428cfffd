/** Builds the pages and workers of the contenders. */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';

/** Output folder. */
export const appFolder = 'dist/bench';

/** Folder of an installed package. */
const packageFolder = (name: string): string => join('node_modules', name);

export async function buildAll(): Promise<void> {
  await build({ ...shared, build: { ...shared.build, emptyOutDir: true, rollupOptions: pages } });
  for (const name of ['identity-worker', 'identity-worker-offline'])
    await build({
      ...shared,
      build: {
        ...shared.build,
        emptyOutDir: false,
        lib: {
          entry: `bench/pages/${name}.ts`,
          formats: ['iife'],
          name: 'identityWorker',
          fileName: () => `${name}.js`,
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
  const axa = packageFolder('@axa-fr/oidc-client-service-worker');
  await copyFile(join(axa, 'dist/OidcServiceWorker.js'), join(appFolder, 'OidcServiceWorker.js'));
}

/** Version of an installed package. */
export async function versionOf(name: string): Promise<string> {
  const text = await readFile(join(packageFolder(name), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** workbox reads `process.env.NODE_ENV`; a worker has no `process`. */
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
