/** Paths in the broker's options: compared with a URL's, so they must be written as a URL has them. */
import { BrokerError } from './errors.js';

/** @throws {@link BrokerError} `path-invalid`. */
export function checkPath(path: string): void {
  const base = 'http://localhost';
  if (!URL.canParse(path, base) || new URL(path, base).pathname !== path)
    throw new BrokerError('path-invalid');
}
