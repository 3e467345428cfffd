/** Bundles a worker and its imports to one classic script: no chunks to share, and cookies with its fetch. */
import { build, type Plugin, type ResolvedConfig } from 'vite';

/** What workbox replaces by the list of files to keep. */
export const INJECTION_POINT = 'self.__WB_MANIFEST';

/**
 * Bundles the worker.
 *
 * @param config - Of the app: its aliases, replacements and variables are those of the worker too.
 * @param entry - Absolute path of the source, or a module of `plugins`.
 * @param plugins - Of this build alone.
 * @throws Whatever is wrong with the source.
 */
export async function bundleWorker(
  config: ResolvedConfig,
  entry: string,
  plugins: Plugin[] = [],
): Promise<string> {
  const { root, base, mode, define, envDir, envPrefix, resolve, command } = config;
  const isDevelopment = command === 'serve';
  const output = await build({
    configFile: false,
    root,
    base,
    mode,
    logLevel: 'warn',
    envDir,
    ...(envPrefix === undefined ? {} : { envPrefix }),
    resolve,
    define: { 'process.env.NODE_ENV': JSON.stringify(mode), ...define, [INJECTION_POINT]: '[]' },
    plugins,
    publicDir: false,
    build: {
      write: false,
      target: config.build.target,
      minify: isDevelopment ? false : config.build.minify,
      lib: { entry, formats: ['iife'], name: 'worker', fileName: 'worker' },
      // That of `lib` would be taken for a path.
      rollupOptions: { input: entry },
    },
  });
  const [script] = [output].flat().flatMap((each) => ('output' in each ? each.output : []));
  if (script?.type !== 'chunk') throw new Error(`The build of ${entry} has no script.`);
  // Routers of workbox would log the navigation to the callback page, with its code.
  return isDevelopment ? `self.__WB_DISABLE_DEV_LOGS ??= true;\n${script.code}` : script.code;
}
