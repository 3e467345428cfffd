/** The Vite plugin: builds and serves the worker and the callback page, beside vite-plugin-pwa or without it. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { normalizePath, type Connect, type Plugin, type ResolvedConfig } from 'vite';
import { ServerConfigurationError } from '../server/errors.js';
import { bundleWorker, INJECTION_POINT } from './bundle-worker.js';
import { dataWorker, type PortalData } from './data-worker.js';
import { mountSealing, readBuilt, type SealingOptions } from './sealing.js';

/** Options of {@link identityWorker}. */
export interface IdentityWorkerPluginOptions {
  /** Source of the app's own worker, from Vite's root, such as `src/sw.ts`. Or {@link portals}. */
  worker?: string;
  /** Portals as data, for an app without a worker of its own: the plugin writes the worker. */
  portals?: readonly PortalData[];
  /**
   * File name of the built worker, which lies at Vite's `base`. Default: the name of the source with `.js`, as vite-plugin-pwa has it;
   * for {@link portals} `identity-worker.js`, or the `sw.js` that vite-plugin-pwa generates, which then imports that one.
   */
  script?: string;
  /**
   * Path of the callback page below Vite's `base`. Default `signed-in.html`. A page of this name in Vite's root is used; without one
   * the plugin makes it.
   */
  callbackPage?: string;
  /**
   * Who takes the authorization code, as the registrations have it: with `worker` the development and preview servers guard the
   * callback page. Default `page`; for sealed {@link portals} `worker`.
   */
  callback?: 'page' | 'worker';
  /** Seals the worker's script in development and preview; in production the app's server does, by `identity-worker/server`. */
  sealing?: SealingOptions;
}

const VIRTUAL = 'virtual:identity-worker';
const CALLBACK = `${VIRTUAL}/callback`;
const WORKER = `${VIRTUAL}/worker`;

const callbackHtml = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Signing in</title>
    <link rel="icon" href="data:," />
    <script type="module">import '${CALLBACK}';</script>
  </head>
  <body></body>
</html>
`;

const callbackModule = `import { IdentityManager } from 'identity-worker';
import { worker, type } from '${VIRTUAL}';
const identity = IdentityManager.instance({ worker, type });
identity.completeSignIn().catch(async (error) => {
  document.body.textContent = await identity.describeError(error);
  reportError(error);
});
`;

/** The worker that the plugin writes, and the one that vite-plugin-pwa generates, which imports it. */
const OWN_SCRIPT = 'identity-worker.js';
const PWA_SCRIPT = 'sw.js';

/** What a worker of ours has in it, however it was minified. */
const WORKER_MARK = 'identity:connect';

/**
 * Sets up the worker, the callback page and the redirect URI of an app, in development and in production. Pages read the addresses from
 * `virtual:identity-worker`, whose types are in `identity-worker/vite/virtual`. With vite-plugin-pwa, that plugin builds the app's own
 * worker (`injectManifest`), or generates one (`generateSW`) that imports the worker of
 * the portals.
 *
 * @throws ServerConfigurationError `vite-worker-unnamed`, `vite-script-invalid`, `vite-worker-missing`, `vite-worker-foreign`, `vite-worker-unbuilt`, `vite-development-worker`.
 */
export function identityWorker(options: IdentityWorkerPluginOptions): Plugin[] {
  const { worker, portals, sealing, callbackPage = 'signed-in.html' } = options;
  if ((worker === undefined) === (portals === undefined))
    throw new ServerConfigurationError('vite-worker-unnamed');
  if (/[/\\?#]/.test(options.script ?? ''))
    throw new ServerConfigurationError('vite-script-invalid', options.script);
  const { callback = sealing && portals ? 'worker' : 'page' } = options;
  const defaults = {
    redirectUri: callbackPage,
    callback,
    ...(sealing ? { persistence: 'sealed' } : {}),
  };
  let config: ResolvedConfig;
  /** The path that pages and workers lie at: assets may be of another site. */
  let base = '/';
  const hasPwa = (): boolean => config.plugins.some(isPwa);
  /** The script that pages register. */
  const script = (): string =>
    options.script ?? (worker ? nameOfBuilt(worker) : hasPwa() ? PWA_SCRIPT : OWN_SCRIPT);

  const modules: Plugin = {
    name: 'identity-worker:modules',
    enforce: 'pre',
    resolveId: (id) => (id === VIRTUAL || id === CALLBACK || id === WORKER ? `\0${id}` : undefined),
    async load(id) {
      if (id === `\0${CALLBACK}`) return callbackModule;
      if (id === `\0${WORKER}`) return dataWorker(portals ?? [], defaults);
      if (id !== `\0${VIRTUAL}`) return undefined;
      const development = `${base}dev-sw.js?dev-sw`;
      // vite-plugin-pwa serves a worker in development where it is told to, as a module.
      const isServed = config.command === 'serve' && hasPwa() && (await this.resolve(development)) !== null;
      if (isServed && sealing) throw new ServerConfigurationError('vite-development-worker');
      const path = isServed ? development : base + script();
      const values = {
        worker: path,
        type: isServed ? 'module' : 'classic',
        redirectUri: base + callbackPage,
      };
      return Object.entries(values)
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
        .join('');
    },
  };
  const bundle = (): Promise<string> =>
    bundleWorker(config, worker === undefined ? WORKER : resolve(config.root, worker), [modules]);
  const callbackFile = (): string => normalizePath(resolve(config.root, callbackPage));

  const answer =
    (
      path: string,
      type: string,
      make: (url: string) => Promise<string | Response>,
    ): Connect.NextHandleFunction =>
    (request, response, next) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      if (url.pathname !== path) return next();
      make(url.pathname + url.search).then((text) => {
        for (const [name, value] of Object.entries(config.server.headers))
          if (value !== undefined) response.setHeader(name, value);
        response.setHeader('content-type', `${type}; charset=utf-8`);
        response.setHeader('cache-control', 'no-cache');
        response.end(text);
      }, next);
    };

  function serve(middlewares: Connect.Server, current: () => Promise<string | Response>): void {
    const path = base + script();
    const guarded = callback === 'worker' ? base + callbackPage : undefined;
    if (sealing) mountSealing(middlewares, sealing, { path, callback: guarded, script: current });
    else middlewares.use(answer(path, 'text/javascript', current));
  }

  return [
    modules,
    {
      name: 'identity-worker',
      // In development, pages would be reloaded once they are found.
      config: () => ({
        optimizeDeps: { include: ['identity-worker', ...(worker ? ['identity-worker/sw'] : [])] },
      }),
      configResolved(resolved) {
        config = resolved;
        base = resolved.base.startsWith('http') ? '/' : resolved.base;
        if (worker !== undefined && !existsSync(resolve(config.root, worker)))
          throw new ServerConfigurationError('vite-worker-missing', worker);
        const pwaBuild = config.plugins.find(({ name }) => name === 'vite-plugin-pwa:build');
        if (pwaBuild) wrapBuild(pwaBuild);
      },
      configureServer(server) {
        const { middlewares, watcher } = server;
        // Built again after a change only: browsers ask for it at every navigation.
        let bundled: Promise<string> | undefined;
        watcher.on('all', () => (bundled = undefined));
        serve(middlewares, () => (bundled ??= bundle()));
        // Before Vite's own: that one answers with the app's page where there is no file.
        if (!existsSync(callbackFile()))
          middlewares.use(
            answer(base + callbackPage, 'text/html', (url) => server.transformIndexHtml(url, callbackHtml)),
          );
      },
      configurePreviewServer({ middlewares }) {
        if (sealing) serve(middlewares, () => readBuilt(config, base + script()));
      },
    },
    {
      name: 'identity-worker:build',
      apply: 'build',
      enforce: 'pre',
      applyToEnvironment: ({ name, config: { consumer } }) => name === 'client' || consumer === 'client',
      options: ({ input = [], ...others }) => ({
        ...others,
        input: config.build.lib ? input : withPage(input, callbackFile()),
      }),
      resolveId: (id) => (id === callbackFile() ? id : undefined),
      load: (id) => (id === callbackFile() && !existsSync(id) ? callbackHtml : undefined),
      async generateBundle() {
        const fileName = hasPwa() ? OWN_SCRIPT : script();
        if (worker === undefined || !hasPwa())
          this.emitFile({ type: 'asset', fileName, source: await bundle() });
      },
    },
  ];

  /** Has vite-plugin-pwa build a worker without a list of files too, and checks that it has built ours. */
  function wrapBuild(plugin: Plugin): void {
    const hook = plugin.closeBundle;
    if (typeof hook !== 'object' || hook === null) return;
    const { handler } = hook;
    hook.handler = async function closeBundle(...given) {
      try {
        await handler.apply(this, given);
      } catch (error) {
        // The worker is built; what fails is the list.
        if (!(error as Error).message.startsWith('Unable to find a place to inject')) throw error;
        this.warn(`${worker} has no ${INJECTION_POINT}: it is built without a list of files to keep.`);
      }
      if (given[0] !== undefined || !hasPwa()) return;
      const file = resolve(config.root, config.build.outDir, script());
      const built = await readFile(file, 'utf8').catch(() => undefined);
      if (built === undefined) throw new ServerConfigurationError('vite-worker-unbuilt', script());
      // Ours comes first: the other one may answer every navigation with the app's page.
      if (worker === undefined) await writeFile(file, `importScripts('${OWN_SCRIPT}');\n${built}`);
      else if (!built.includes(WORKER_MARK))
        throw new ServerConfigurationError('vite-worker-foreign', script());
    };
  }
}

const isPwa = ({ name, api }: Plugin): boolean =>
  name === 'vite-plugin-pwa' && (api as { disabled?: boolean } | undefined)?.disabled !== true;

const nameOfBuilt = (source: string): string => basename(source).replace(/\.[cm]?[jt]s$/, '.js');

type Input = string | string[] | Record<string, string>;

/** The pages of a build, and the callback page. */
function withPage(input: Input, page: string): Input {
  if (typeof input === 'string') return [input, page];
  if (Array.isArray(input)) return [...input, page];
  return { ...input, 'identity-worker-callback': page };
}
