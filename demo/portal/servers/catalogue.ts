// All services by name, with data or for testing clients, and the access to each.

import type { PortalContext } from '../context.js';
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
export function findEntry({ services }: PortalContext, path: string): CatalogueEntry | undefined {
  const [name, type] = path.split('/');
  return (
    services.all.find((entry) => entry.name === name && entry.type === type) ??
    testServices.find((entry) => entry.name === name)
  );
}

export function readableServices(
  context: PortalContext,
  token: TokenRecord | undefined,
): readonly CatalogueEntry[] {
  return context.services.all.filter(
    ({ access }) =>
      access === 'public' ||
      (token !== undefined && (access !== 'private' || mayReadPrivate(context, token))),
  );
}

export function mayReadPrivate({ users }: PortalContext, token: TokenRecord): boolean {
  return users.find(token.user)?.mayReadPrivate ?? false;
}
