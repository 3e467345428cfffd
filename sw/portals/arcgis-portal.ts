/** An ArcGIS portal as the worker works with it, of what has been read and checked before; and what ArcGIS Online adds. */
import { arcgisServer } from '../oauth/arcgis-server.js';
import type { Portal } from './portal.js';
import type { PortalUrl } from './portal-url.js';

/** What is asked of a registration. */
interface ArcGISFacts extends Omit<
  Portal,
  'kind' | 'authorizationServer' | 'endpoints' | 'hostSuffix' | 'matchesHost' | 'name'
> {
  /** The sharing API, with a slash at its end. */
  readonly sharing: PortalUrl;
  /** Default: the host name. */
  readonly name: string | undefined;
}

/** What ArcGIS Online has and ArcGIS Enterprise has not. */
interface Online extends Required<Pick<Portal, 'hostSuffix' | 'matchesHost'>> {
  /** Where the user signs in and out. */
  readonly signInUrl: string;
}

/** The portal of a registration. */
export function arcgisPortal(
  { sharing, ...facts }: ArcGISFacts,
  { signInUrl, hostSuffix, matchesHost }: Partial<Online> = {},
): Portal {
  const { url, name = sharing.hostname, resources } = facts;
  const signIn = `${signInUrl ?? url}/sharing/rest/oauth2`;
  const oauth = `${url}/sharing/rest/oauth2`;
  return {
    ...facts,
    kind: 'arcgis',
    authorizationServer: arcgisServer,
    name,
    resources: [sharing, ...resources],
    hostSuffix,
    ...(matchesHost && { matchesHost }),
    endpoints: {
      issuer: url,
      authorization_endpoint: `${signIn}/authorize`,
      token_endpoint: `${oauth}/token`,
      revocation_endpoint: `${oauth}/revokeToken`,
      end_session_endpoint: `${signIn}/signout`,
    },
  };
}

export const ONLINE = 'https://www.arcgis.com';
const ONLINE_SUFFIX = '.arcgis.com';

/** ArcGIS Online. The organisation's own host shows the organisation's own sign-in page; tokens are the same. */
export const online = ({ origin }: PortalUrl): Online => ({
  signInUrl: origin,
  hostSuffix: ONLINE_SUFFIX,
  matchesHost: takesOnlineToken,
});

/** Hosts of ArcGIS Online that serve files to everybody, and those of its other environments. */
const tokenless = /^(js|static|elevation3d|cdn|developers|doc)\.|(dev|qa)(ext)?\d*\./;

function takesOnlineToken({ protocol, port, hostname, pathname }: URL): boolean {
  if (protocol !== 'https:' || port !== '' || !hostname.endsWith(ONLINE_SUFFIX) || tokenless.test(hostname))
    return false;
  // Of portal hosts only the sharing API is a resource; the rest is the portal's own web site.
  const isPortalHost = hostname === 'www.arcgis.com' || hostname.endsWith('.maps.arcgis.com');
  return !isPortalHost || /^\/sharing(\/|$)/.test(pathname);
}
