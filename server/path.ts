/** Checks the paths among the options. They are compared with the path of a request's URL, so they must be written in that form. */
import { ServerConfigurationError } from './errors.js';

/** @throws {@link ServerConfigurationError} `path-invalid` for anything but the normalized path of a URL. */
export function checkPath(path: string): void {
  const base = 'http://localhost';
  if (!URL.canParse(path, base) || new URL(path, base).pathname !== path)
    throw new ServerConfigurationError('path-invalid');
}
