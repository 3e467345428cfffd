// All services by name, with data or for testing clients, and the access to each.

import { findUser } from '../accounts.js';
import { services } from '../services/index.js';
import type { TokenRecord } from '../tokens.js';

export interface CatalogueEntry {
  readonly name: string;
  readonly type: string;
  readonly access: 'public' | 'signed-in' | 'private';
}

/** Their paths have no type segment: `.../rest/services/Echo`. */
const testServices: readonly CatalogueEntry[] = [
  { name: 'Echo', type: 'Echo', access: 'signed-in' },
  { name: 'PublicEcho', type: 'Echo', access: 'public' },
  { name: 'Big', type: 'Big', access: 'signed-in' },
  { name: 'Redirect', type: 'Redirect', access: 'signed-in' },
  { name: 'Files', type: 'Files', access: 'signed-in' },
  { name: 'PublicFiles', type: 'Files', access: 'public' },
  { name: 'Archives', type: 'Archives', access: 'signed-in' },
  { name: 'PrivateArchives', type: 'Archives', access: 'private' },
];

/** @param path - The path below `rest/services/`. */
export function findEntry(path: string): CatalogueEntry | undefined {
  const [name, type] = path.split('/');
  return (
    testServices.find((entry) => entry.name === name) ??
    services.find((entry) => entry.name === name && entry.type === type)
  );
}

export function readableServices(token: TokenRecord | undefined): readonly CatalogueEntry[] {
  return services.filter(
    ({ access }) =>
      access === 'public' || (token !== undefined && (access !== 'private' || mayReadPrivate(token))),
  );
}

export function mayReadPrivate(token: TokenRecord): boolean {
  return findUser(token.user)?.mayReadPrivate ?? false;
}
