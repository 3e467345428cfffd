// portals/self and info: what the portal says of itself.

import type { PortalContext } from '../context.js';
import { json, jsonError, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { describeUser } from './community.js';
import { orgId } from './organisation.js';
import { viewerOf } from './viewer.js';

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
  const { hostname, host, port, protocol } = new URL(urls.portal);
  const isSecure = protocol === 'https:';
  const description = json(request, {
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
    allSSL: isSecure,
    access: 'public',
    isReadOnly: false,
    culture: 'en',
    region: 'WO',
    httpPort: isSecure ? 80 : Number(port),
    httpsPort: isSecure ? Number(port) : 443,
    maxTokenExpirationMinutes: switches.maxTokenExpirationMinutes,
    authorizedCrossOriginDomains: switches.authorizedCrossOriginDomains,
    authorizedCrossOriginNoCorsDomains: [],
    helperServices: {},
    canSearchPublic: true,
    canSharePublic: true,
    units: 'metric',
    defaultBasemap: basemap(urls.server),
    ...(viewer.kind === 'user' ? { user: describeUser(viewer.user) } : {}),
    ...(viewer.kind === 'app' ? { appInfo: { appId: viewer.clientId, appOwner: 'ana' } } : {}),
  });
  return { ...description, cors: 'credentials' };
}

const basemap = (server: string): Record<string, unknown> => ({
  title: 'Basemap',
  baseMapLayers: [
    {
      id: 'basemap',
      layerType: 'ArcGISTiledMapServiceLayer',
      url: `${server}/rest/services/Basemap/MapServer`,
    },
  ],
});
