/** Checks the paths among the options. They are compared with the path of a request's URL, so they must be written in that form. */
import { ServerConfigurationError } from './errors.js';
import { parseUrl } from '../protocol/parse-url.js';

const base = 'http://localhost';

/** @throws {@link ServerConfigurationError} `path-invalid` for anything but the normalized path of a URL. */
export function checkPath(path: string): void {
  if (parseUrl(path, base)?.pathname !== path) throw new ServerConfigurationError('path-invalid');
}

/**
 * Checks the scope of a worker.
 *
 * @param scope - From the root of the origin, or relative to the script.
 * @param path - Path of the worker's script.
 * @returns The scope as the browser writes it, without the origin.
 * @throws {@link ServerConfigurationError} `scope-invalid` for a scope of another origin, or one with a fragment.
 */
export function checkScope(scope: string, path: string): string {
  const url = parseUrl(scope, base + path);
  if (url?.origin !== base || url.hash !== '') throw new ServerConfigurationError('scope-invalid');
  return url.pathname + url.search;
}
