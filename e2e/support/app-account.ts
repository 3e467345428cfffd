/** The test app's own account at the portal, and its server's handlers for it. */
import type { AppServerOptions } from '../../demo/app-server.js';
import { appTokens, type AppAccount, type AppTokensOptions } from 'identity-worker/server';
import { registration, SECRET, type IdentityConfig, type Portal } from './fixtures.js';

/** The confidential client of the demo portal. */
export const accountOf = ({ url, appAccount }: Portal): AppAccount => ({ url, ...appAccount });

/** The worker's registration of it. */
export const appRegistration = (portal: Portal): Record<string, unknown> => ({
  url: portal.url,
  tokens: '/app-tokens',
  resources: [portal.hostedUrl],
});

/** The app alone, or beside the users. */
export const appOnly: IdentityConfig = { make: (portal) => ({ app: [appRegistration(portal)] }) };
export const appAndUsers = (options: Record<string, unknown> = {}): IdentityConfig => ({
  make: (portal) => ({
    arcgis: [{ ...registration(portal), ...options }],
    app: [appRegistration(portal)],
  }),
});

/** The server's handler, sealed or not. */
export const tokensHandler = (
  portal: Portal,
  isSealed: boolean,
  options: Partial<AppTokensOptions> = {},
): NonNullable<AppServerOptions['handlers']>[number] =>
  appTokens({
    path: '/app-tokens',
    portals: [accountOf(portal)],
    ...(isSealed ? { seal: { secrets: SECRET, worker: '/worker.js' } } : {}),
    report: () => undefined,
    ...options,
  });
