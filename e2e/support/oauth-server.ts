/** The OAuth server beside the demo portal, with an API that takes its tokens in a header. */
import type { IdentityConfig, Portal, TestApp } from './fixtures.js';

/** Options of the server's registration. */
export const oauthRegistration = ({ oauth }: Portal): Record<string, unknown> => ({
  issuer: oauth.issuer,
  resources: [oauth.apiUrl],
  clientId: oauth.clientId,
  redirectUri: '/signed-in.html',
  scope: 'tiles',
});

/** A worker that is registered for this server only. @param options - Changes of its registration. */
export const oauthServer = (options: Record<string, unknown> = {}): IdentityConfig => ({
  make: (portal) => ({ oauth: [{ ...oauthRegistration(portal), ...options }] }),
});

/** The URL of an operation of the API. */
export const apiUrl = ({ portal }: TestApp, path = 'tiles/1'): string => portal.oauth.apiUrl + path;

/** Requests that reached the API, without preflights. */
export const apiCalls = ({ portal }: TestApp) =>
  portal.log.requests({ server: 'oauth', path: /^\/api/, where: ({ method }) => method !== 'OPTIONS' });

/** Requests to the token endpoint, by grant. */
export const oauthTokenRequests = ({ portal }: TestApp, grantType?: string): number =>
  portal.log.count({ server: 'oauth', path: /^\/token$/, ...(grantType === undefined ? {} : { grantType }) });
