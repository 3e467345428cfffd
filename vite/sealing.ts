/** Serves the sealed worker script in Vite's development and preview servers, as the app's server does in production. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Connect, Plugin, ResolvedConfig } from 'vite';
import { toNodeListener, toNodeMiddleware } from '../server/node.js';
import { sealSite, type SealSiteOptions } from '../server/seal-site.js';
import type { ScriptSource } from '../server/seal-worker-script.js';
import { bundleWorker } from './bundle-worker.js';

/** How the worker's script is sealed. */
export interface SealingOptions extends Pick<
  SealSiteOptions,
  'secrets' | 'headers' | 'scope' | 'otherWorkers'
> {}

/** Options of {@link sealedWorker}. */
export interface SealedWorkerOptions extends SealingOptions {
  /** Source of the worker, from Vite's root, such as `src/worker.ts`. The development server bundles it. */
  source: string;
  /** Path of the built script, Vite's `base` included. Default `/worker.js`. */
  path?: string;
  /** Path of the callback page, as in `guardCallback`, for workers with `callback: 'worker'`. Default: none is guarded. */
  callback?: string;
}

/**
 * Serves the app's sealed worker at the same path in `vite dev` and in `vite preview`, and refuses all other workers: the part of
 * {@link identityWorker} for apps that set up everything else themselves. In development it bundles the worker to a classic script
 * with an empty precache, because Chromium fetches the scripts of module workers without cookies.
 *
 * @throws `ServerConfigurationError` when a server starts with wrong options. A build needs no secret.
 */
export function sealedWorker({
  source,
  path = '/worker.js',
  callback,
  ...options
}: SealedWorkerOptions): Plugin {
  return {
    name: 'identity-worker:sealed-worker',
    apply: 'serve',
    configureServer: ({ config, middlewares }) =>
      mountSealing(middlewares, options, {
        path,
        callback,
        script: () => bundleWorker(config, resolve(config.root, source)),
      }),
    configurePreviewServer: ({ config, middlewares }) =>
      mountSealing(middlewares, options, { path, callback, script: () => readBuilt(config, path) }),
  };
}

/** Has a server of Vite seal the script, guard the callback page, and refuse other workers. */
export function mountSealing(
  middlewares: Connect.Server,
  options: SealingOptions,
  { callback, ...worker }: { path: string; callback: string | undefined; script: ScriptSource },
): void {
  const { answer, addCookie } = sealSite({
    ...options,
    ...worker,
    ...(callback === undefined ? {} : { callbackPage: callback }),
  });
  middlewares.use(toNodeListener(answer));
  middlewares.use(toNodeMiddleware(addCookie));
}

/** The script as it was built. */
export async function readBuilt(
  { root, base, build: { outDir } }: ResolvedConfig,
  path: string,
): Promise<string | Response> {
  const file = join(resolve(root, outDir), path.startsWith(base) ? path.slice(base.length) : path);
  return readFile(file, 'utf8').catch(() => new Response(null, { status: 404 }));
}
