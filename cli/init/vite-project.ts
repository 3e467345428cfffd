/** Plans the changes of an app that Vite builds. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { planWorker } from './app-worker.js';
import { isClientImported, planEntry, startLines } from './entry.js';
import { entryOf } from './html.js';
import { withDependency, withTypes } from './json.js';
import { Module } from './module.js';
import type { Manifest } from './manifest.js';
import type { Plan } from './plan.js';
import { ProjectError } from './project-error.js';
import { CALLBACK_PAGE, pluginForPortal, pluginForWorker } from './registration.js';
import type { Parse } from './source.js';
import { addPlugin, newConfig, PLUGIN, readConfig, type ViteConfig } from './vite-config.js';

const PACKAGE = 'identity-worker';
const TYPES = 'identity-worker/vite/virtual';
const OLDEST_VITE = 8;

export const configFiles = ['js', 'mjs', 'ts', 'cjs', 'mts', 'cts'].map((ending) => `vite.config.${ending}`);

/** Workers of apps that no plugin of a configuration names. */
const usualWorkers = ['sw', 'service-worker', 'serviceWorker'].flatMap((name) =>
  ['ts', 'js'].map((ending) => `src/${name}.${ending}`),
);

/** @throws ProjectError */
export async function planViteProject(plan: Plan, manifest: Manifest): Promise<void> {
  const parse = await loadParser(plan.folder);
  const path = configFiles.find((name) => plan.read(name) !== undefined);
  const config = path === undefined ? undefined : new Module(path, plan.read(path) ?? '', parse);
  const facts: ViteConfig = config
    ? readConfig(config)
    : { root: '.', pwaWorker: undefined, plugin: undefined };
  const page = posix.join(facts.root, 'index.html');
  const html = plan.read(page);
  if (html === undefined)
    throw new ProjectError(
      `Vite builds no page here: there is no ${page}. init knows neither frameworks on Vite nor libraries. Nothing was changed. Set up the app by hand: docs/development.md of identity-worker.`,
    );
  const entryPath = entryOf(html);
  const entryFile = entryPath === undefined ? undefined : posix.join(facts.root, entryPath);
  const entryText = entryFile === undefined ? undefined : plan.read(entryFile);
  const entry =
    entryFile !== undefined && entryText !== undefined && /\.[cm]?[jt]sx?$/.test(entryFile)
      ? new Module(entryFile, entryText, parse)
      : undefined;
  const worker = workerOf(plan, facts);
  const workerText = worker === undefined ? undefined : plan.read(posix.join(facts.root, worker));
  if (worker !== undefined && workerText === undefined)
    throw new ProjectError(
      `${path} names ${worker} as the source of the app's worker, and there is no such file. Make it or correct the name, then run this again.`,
    );

  if (!manifest.names.has(PACKAGE))
    plan.write(
      'package.json',
      withDependency('package.json', manifest.text, parse, [PACKAGE, `^${plan.own.version}`]),
    );
  if (!facts.plugin) planConfig(plan, { config, worker, entry });
  if (worker !== undefined)
    planWorker(plan, new Module(posix.join(facts.root, worker), workerText ?? '', parse));
  const sources = entryFile === undefined ? 'src' : posix.dirname(entryFile);
  if (!isClientImported(plan, sources)) {
    if (entry) planEntry(plan, entry);
    else
      plan.byHand.push({
        path: entryFile ?? page,
        why: `${page} names no module that these lines can be added to`,
        lines: startLines,
      });
  }
  planTypes(plan, manifest, parse, sources);

  const sealed = plan.changes.some(({ after }) => after?.includes('SEAL_SECRETS'));
  plan.next.push(
    ...(existsSync(join(plan.folder, 'node_modules', PACKAGE)) ? [] : [`${manifest.packageManager} install`]),
    `At the portal, register the redirect URIs: /${CALLBACK_PAGE} below the addresses of the app, such as http://localhost:5173/${CALLBACK_PAGE} for development.`,
    ...(sealed
      ? ['Give SEAL_SECRETS to the development server, and seal the worker at your own: docs/server.md.']
      : []),
    `${manifest.packageManager} run dev`,
  );
}

/** The worker that the app has, from Vite's root. */
function workerOf(plan: Plan, { root, plugin, pwaWorker }: ViteConfig): string | undefined {
  if (plugin) return plugin.worker;
  if (pwaWorker !== undefined) return pwaWorker;
  return usualWorkers.find((name) =>
    /ServiceWorkerGlobalScope|skipWaiting|__WB_MANIFEST|precacheAndRoute|['"](install|activate|fetch|push)['"]/.test(
      plan.read(posix.join(root, name)) ?? '',
    ),
  );
}

function planConfig(
  plan: Plan,
  {
    config,
    worker,
    entry,
  }: { config: Module | undefined; worker: string | undefined; entry: Module | undefined },
): void {
  const style = config ?? entry;
  const quote = (text: string): string => (style ? style.quote(text) : `'${text}'`);
  const indent = style?.indent ?? '  ';
  const given = plan.registration();
  const call = (name: string): string =>
    worker === undefined
      ? pluginForPortal(name, given, quote, indent)
      : pluginForWorker(name, worker, given, quote, indent);
  if (!config) {
    const isTyped = plan.read('tsconfig.json') !== undefined;
    plan.write(
      isTyped ? 'vite.config.ts' : 'vite.config.js',
      newConfig(call('identityWorker'), indent, { quote, semicolon: style?.semicolon ?? ';' }),
    );
  } else if (addPlugin(config, call)) plan.write(config.path, config.edited);
  else
    plan.byHand.push({
      path: config.path,
      why: 'its plugins are no plain list in the object that it exports',
      lines: [
        `import { identityWorker } from ${quote(PLUGIN)};`,
        '',
        `plugins: [${call('identityWorker')}],`,
      ],
    });
}

/** Has TypeScript know the virtual module. */
function planTypes(plan: Plan, { names }: Manifest, parse: Parse, sources: string): void {
  const path = ['tsconfig.app.json', 'tsconfig.json'].find((name) => plan.read(name) !== undefined);
  const text = path === undefined ? undefined : plan.read(path);
  const declarations = [`${sources}/identity-worker.d.ts`, `${sources}/vite-env.d.ts`];
  const all = [text, ...declarations.map((each) => plan.read(each))];
  if (path === undefined || text === undefined || all.some((each) => each?.includes(TYPES))) return;
  // A list in the configuration would switch off the global types of these packages.
  const mayName = ![...names].some((name) => name.startsWith('@types/'));
  const edited = withTypes(path, text, parse, { types: TYPES, mayName });
  if (edited !== undefined) plan.write(path, edited);
  else plan.write(`${sources}/identity-worker.d.ts`, `/// <reference types="${TYPES}" />\n`);
}

/** The parser of the project's own Vite. @throws ProjectError where it is not installed, or too old. */
async function loadParser(folder: string): Promise<Parse> {
  for (const from of [pathToFileURL(join(folder, 'package.json')).href, import.meta.url]) {
    let path: string;
    try {
      path = createRequire(from).resolve('vite');
    } catch {
      continue;
    }
    const { version, parseSync } = (await import(pathToFileURL(path).href)) as {
      version: string;
      parseSync: Parse;
    };
    if (Number.parseInt(version, 10) >= OLDEST_VITE) return parseSync;
    throw new ProjectError(
      `Vite ${version} is installed here, and identity-worker needs Vite ${OLDEST_VITE}. Update it, then run this again.`,
    );
  }
  throw new ProjectError(
    'Vite is not installed here. Install the packages of the project (npm install), then run this again.',
  );
}
