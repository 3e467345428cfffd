/** Caches the app's own files, so that it opens offline. Each build has its own cache; map data is kept by the Identity Worker. */
declare const self: ServiceWorkerGlobalScope;

/** A file of the build, as vite-plugin-pwa lists it. Without a revision the file name contains a hash. */
export interface AppFile {
  readonly url: string;
  readonly revision: string | null;
}

const PREFIX = 'app-shell:';
const START_PAGE = '/index.html';

/** Not served from the cache: the script-tag site has its own worker, and the callback page always comes from the network. */
const isShell = ({ url }: AppFile): boolean => !url.startsWith('script-tag/') && url !== 'signed-in.html';

/**
 * Adds the listeners that cache and serve the app's files. Call it at the top level of the worker's script.
 *
 * @param variant - Distinguishes builds with the same files.
 */
export function serveAppShell(files: readonly AppFile[], variant: string): void {
  const shell = files.filter(isShell);
  const paths = new Set(shell.map(({ url }) => `/${url}`));
  const name = digest(JSON.stringify([shell, variant])).then((build) => PREFIX + build);

  self.addEventListener('install', (event) => {
    event.waitUntil(keep(name, paths));
    // The page loads all its scripts when it starts, so no page needs files of an older build.
    event.waitUntil(self.skipWaiting());
  });

  self.addEventListener('activate', (event) => event.waitUntil(removeOthers(name)));

  self.addEventListener('fetch', (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== 'GET' || origin !== self.location.origin) return;
    if (request.mode === 'navigate') {
      if (pathname === '/' || pathname === START_PAGE) event.respondWith(networkFirst(request, name));
    } else if (paths.has(pathname)) event.respondWith(cacheFirst(request, name));
  });
}

async function keep(name: Promise<string>, paths: ReadonlySet<string>): Promise<void> {
  const cache = await caches.open(await name);
  await cache.addAll([...paths].map((path) => new Request(path, { cache: 'reload' })));
}

async function removeOthers(name: Promise<string>): Promise<void> {
  const current = await name;
  const old = (await caches.keys()).filter((key) => key.startsWith(PREFIX) && key !== current);
  await Promise.all(old.map((key) => caches.delete(key)));
}

async function networkFirst(request: Request, name: Promise<string>): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(await name)).match(START_PAGE);
    if (kept) return kept;
    throw error;
  }
}

async function cacheFirst(request: Request, name: Promise<string>): Promise<Response> {
  const kept = await (await caches.open(await name)).match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
