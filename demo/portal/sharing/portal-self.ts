// portals/self, community/self and info: the portal and the user.

import type { User } from '../accounts.js';
import type { PortalContext } from '../context.js';
import { json, jsonError, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { viewerOf } from './viewer.js';

export const orgId = 'AbCdEf';

/** `{share}/info`: the URL of the token service. Needs no token. */
export function sharingInfo({ urls }: PortalContext, request: PortalRequest): PortalResponse {
  return json(request, {
    owningSystemUrl: urls.portal,
    authInfo: {
      tokenServicesUrl: `${urls.portal}/sharing/rest/generateToken`,
      isTokenBasedSecurity: true,
    },
  });
}

export function portalSelf(context: PortalContext, request: PortalRequest): PortalResponse {
  const viewer = viewerOf(context, request);
  if (viewer.kind === 'refused') return jsonError(request, 498, 'Invalid token.');
  const { switches, urls } = context;
  const { hostname, host, port } = new URL(urls.portal);
  return json(request, {
    id: orgId,
    name: 'Demo Portal',
    urlKey: 'demo',
    customBaseUrl: hostname,
    portalHostname: `${host}/portal`,
    portalName: 'Demo Portal',
    portalMode: 'singletenant',
    isPortal: true,
    currentVersion: switches.portalVersion,
    supportsOAuth: true,
    allSSL: false,
    access: 'public',
    isReadOnly: false,
    culture: 'en',
    region: 'WO',
    httpPort: Number(port),
    httpsPort: 443,
    maxTokenExpirationMinutes: switches.maxTokenExpirationMinutes,
    authorizedCrossOriginDomains: switches.authorizedCrossOriginDomains,
    authorizedCrossOriginNoCorsDomains: [],
    helperServices: {},
    ...(viewer.kind === 'user' ? { user: describeUser(viewer.user) } : {}),
    ...(viewer.kind === 'app' ? { appInfo: { appId: viewer.clientId, appOwner: 'ana' } } : {}),
  });
}

export function communitySelf(context: PortalContext, request: PortalRequest): PortalResponse {
  const viewer = viewerOf(context, request);
  if (viewer.kind === 'refused') return jsonError(request, 498, 'Invalid token.');
  if (viewer.kind !== 'user') {
    return jsonError(request, 499, 'Token Required', { messageCode: 'GWM_0003' });
  }
  return json(request, describeUser(viewer.user));
}

function describeUser(user: User): Record<string, unknown> {
  return {
    username: user.username,
    fullName: user.fullName,
    email: user.email,
    orgId,
    role: user.mayReadPrivate ? 'org_publisher' : 'org_user',
    privileges: ['portal:user:viewOrgItems'],
    access: 'org',
    groups: [],
  };
}
