/** Resolves registrations against the worker's scope. */
import { ConfigurationError } from '../../protocol/errors.js';
import { parseRedirectUri } from '../../protocol/registration.js';
import type { Portal, PortalDefinition } from './portal.js';

/**
 * @param definitions - From `arcgisOnline`, `arcgisEnterprise`, `oauthServer`.
 * @param scope - The worker's scope, absolute.
 * @param hasSeals - Whether the worker's script brings the seals of its server.
 * @throws {@link ConfigurationError} `redirect-uri-invalid`, `redirect-uri-outside-scope`, `option-invalid`, `injected-keys-missing`.
 */
export function resolvePortals(
  definitions: readonly PortalDefinition[],
  scope: string,
  hasSeals = false,
): Portal[] {
  if (!Array.isArray(definitions) || definitions.length === 0)
    throw new ConfigurationError('option-invalid', { field: 'portals' });
  // Most apps have one for all.
  const redirectUris = new Map<unknown, string>();
  const portals = definitions.map((definition) => {
    const redirectUri =
      redirectUris.get(definition.redirectUri) ?? parseRedirectUri(definition.redirectUri, scope);
    redirectUris.set(definition.redirectUri, redirectUri);
    return { ...definition, redirectUri };
  });
  // Never kept in a weaker way than was asked for.
  if (!hasSeals && portals.some(({ persistence }) => persistence === 'sealed'))
    throw new ConfigurationError('injected-keys-missing');
  return portals;
}

/** Whether a path lies under a prefix, by whole segments: `/portal2` is not under `/portal`. */
export const isUnder = (path: string, prefix: string): boolean => asFolder(path).startsWith(asFolder(prefix));

/** A path with a slash at its end: what lies under it begins with it. */
export const asFolder = (path: string): string => (path.endsWith('/') ? path : `${path}/`);
