/** Resolves registrations against the worker's scope and refuses two that own the same URL. */
import { ConfigurationError } from '../../protocol/errors.js';
import { parseRedirectUri } from '../../protocol/registration.js';
import type { Portal, PortalDefinition } from './portal.js';

/**
 * @param definitions - From `arcgisOnline`, `arcgisEnterprise`, `oauthServer`.
 * @param scope - The worker's scope, absolute.
 * @param hasSeals - Whether the worker's script brings the seals of its server.
 * @throws {@link ConfigurationError} `redirect-uri-invalid`, `redirect-uri-outside-scope`, `registrations-overlap`, `option-invalid`, `seal-missing`.
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
    const {
      url,
      clientId,
      resources,
      servers,
      hostSuffix = null,
      endpoints = null,
      persistence,
    } = definition;
    const fingerprint = JSON.stringify([
      url,
      clientId,
      redirectUri,
      resources,
      servers,
      hostSuffix,
      endpoints,
      persistence,
    ]);
    return { ...definition, redirectUri, fingerprint };
  });
  refuseOverlaps(portals);
  // Never kept in a weaker way than was asked for.
  if (!hasSeals && portals.some(({ persistence }) => persistence === 'sealed'))
    throw new ConfigurationError('seal-missing');
  return portals;
}

function refuseOverlaps(portals: readonly Portal[]): void {
  const byOrigin = new Map<string, { portal: Portal; prefix: URL }[]>();
  for (const portal of portals) {
    for (const prefix of [...portal.resources, ...portal.servers]) {
      const neighbours = byOrigin.get(prefix.origin) ?? [];
      const isShared = ({ portal: owner, prefix: { pathname } }: (typeof neighbours)[number]): boolean =>
        owner !== portal && (isUnder(pathname, prefix.pathname) || isUnder(prefix.pathname, pathname));
      if (neighbours.some(isShared))
        throw new ConfigurationError('registrations-overlap', { origin: prefix.origin });
      byOrigin.set(prefix.origin, [...neighbours, { portal, prefix }]);
    }
  }
  const suffixes = portals.filter(({ hostSuffix }) => hostSuffix !== undefined);
  const urls = new Set(portals.map(({ url }) => url));
  const twin =
    suffixes[1] ?? (urls.size < portals.length ? portals.find(({ url }) => !urls.delete(url)) : undefined);
  if (twin) throw new ConfigurationError('registrations-overlap', { origin: new URL(twin.url).origin });
}

/** Whether a path lies under a prefix, by whole segments: `/portal2` is not under `/portal`. */
export function isUnder(path: string, prefix: string): boolean {
  return prefix.endsWith('/')
    ? path.startsWith(prefix) || `${path}/` === prefix
    : path === prefix || path.startsWith(`${prefix}/`);
}
