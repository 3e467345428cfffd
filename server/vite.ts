/**
 * Public entry for Vite: serves the sealed worker script in Vite's development and preview servers.
 *
 * @module identity-worker/vite
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Connect, type Plugin, type ResolvedConfig } from 'vite';
import { issueSealCookie } from './cookie.js';
import { guardCallback, guardWorkers } from './guards.js';
import { toNodeListener, toNodeMiddleware } from './node.js';
import { sealWorkerScript, type ScriptSource, type SealOptions } from './seal-worker-script.js';

/** Options of {@link sealedWorker}. */
export interface SealedWorkerOptions extends Pick<SealOptions, 'secrets' | 'headers' | 'scope'> {
  /** Source of the worker, from Vite's root, such as `src/worker.ts`. The development server bundles it. */
  source: string;
  /** Path of the built script, Vite's `base` included. Default `/worker.js`. */
  path?: string;
  /** Paths of other service workers of the app, as in `guardWorkers`. All others are refused. */
  otherWorkers?: readonly string[];
  /** Path of the callback page, as in `guardCallback`, for workers with `callback: 'worker'`. Default: none is guarded. */
  callback?: string;
}

/**
 * Serves the app's sealed worker at the same path in `vite dev` and in `vite preview`, and refuses all other workers. Production builds of the worker are left
 * to `vite-plugin-pwa` (`injectManifest`) or another plugin. In development this plugin bundles the worker to a classic script
 * with an empty precache, because Chromium fetches the scripts of module workers without cookies.
 *
 * @throws `ServerConfigurationError` when a server starts with wrong options. A build needs no secret.
 */
export function sealedWorker({
  source,
  path = '/worker.js',
  otherWorkers = [],
  callback,
  ...options
}: SealedWorkerOptions): Plugin {
  const mount = (middlewares: Connect.Server, script: ScriptSource): void => {
    middlewares.use(toNodeMiddleware(issueSealCookie(options)));
    middlewares.use(
      toNodeListener(
        guardWorkers({ paths: [path, ...otherWorkers] }),
        sealWorkerScript({ ...options, path, script }),
        ...(callback === undefined ? [] : [guardCallback({ path: callback })]),
      ),
    );
  };
  return {
    name: 'identity-worker:sealed-worker',
    apply: 'serve',
    configureServer: ({ config, middlewares }) => mount(middlewares, () => bundle(config, source)),
    configurePreviewServer: ({ config, middlewares }) => mount(middlewares, () => readBuilt(config, path)),
  };
}

/** Bundles the worker and its imports to one classic script. */
async function bundle(
  { root, mode, define, resolve: { alias } }: ResolvedConfig,
  entry: string,
): Promise<string> {
  const output = await build({
    configFile: false,
    root,
    mode,
    logLevel: 'warn',
    resolve: { alias },
    define: { 'process.env.NODE_ENV': JSON.stringify(mode), ...define, 'self.__WB_MANIFEST': '[]' },
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'worker' } },
  });
  const [script] = [output].flat().flatMap((each) => ('output' in each ? each.output : []));
  if (script?.type !== 'chunk') throw new Error(`The build of ${entry} has no script.`);
  return script.code;
}

async function readBuilt(
  { root, base, build: { outDir } }: ResolvedConfig,
  path: string,
): Promise<string | Response> {
  const file = join(resolve(root, outDir), path.startsWith(base) ? path.slice(base.length) : path);
  return readFile(file, 'utf8').catch(() => new Response(null, { status: 404 }));
}
