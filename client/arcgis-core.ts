/**
 * For apps with the ArcGIS Maps SDK for JavaScript (`@arcgis/core`): leaves the sign-in to the worker.
 *
 * @module identity-worker/arcgis-core
 */
import type { IdentityManager } from './identity-manager.js';

/** `@arcgis/core/config.js`, as far as it is used. */
export interface EsriConfig {
  readonly request: {
    useIdentity?: boolean;
    readonly interceptors: { push(interceptor: EsriInterceptor): unknown };
  };
}

/** What is added to `esriConfig.request.interceptors`. */
export interface EsriInterceptor {
  before(request: { readonly url: string; requestOptions: { withCredentials?: boolean } }): Promise<void>;
}

/** `@arcgis/core/identity/IdentityManager.js`, as far as it is used. */
export interface EsriId {
  registerToken(properties: { server: string; userId: string; token: string }): void;
  findCredential(url: string, userId: string): { destroy(): void } | null | undefined;
}

/**
 * Call it once, before the first map, and after the app's own interceptors. From then on
 *
 * - the SDK asks for no user name and password: the worker does what its IdentityManager did;
 * - its requests wait for `identity.ready`, because earlier ones would go out unsigned;
 * - its requests to a portal's host carry no cookies, because it takes a portal that names the user for one of web-tier authentication;
 * - with `esriId`, its IdentityManager has a credential with the user's name and without a token, for widgets that ask who is signed in.
 *
 * @param identity - The page's IdentityManager of this library.
 * @param esri.esriConfig - `import esriConfig from '@arcgis/core/config.js'`.
 * @param esri.esriId - `import esriId from '@arcgis/core/identity/IdentityManager.js'`; may be left out.
 * @see https://developers.arcgis.com/javascript/latest/references/core/config/#request
 */
export function connectArcGISCore(
  identity: Pick<IdentityManager, 'ready' | 'portals' | 'credentials' | 'addEventListener'>,
  esri: { readonly esriConfig: EsriConfig; readonly esriId?: EsriId },
): void {
  const { esriConfig, esriId } = esri;
  esriConfig.request.useIdentity = false;
  esriConfig.request.interceptors.push({
    async before({ url, requestOptions }) {
      // Without a worker the SDK gets the portal's own answers.
      await identity.ready.catch(() => undefined);
      const { origin } = new URL(url, location.href);
      if (identity.portals.some((portal) => new URL(portal.url).origin === origin))
        requestOptions.withCredentials = false;
    },
  });
  if (!esriId) return;
  const shown = new Map<string, string>();
  const showCredentials = (): void => {
    for (const { url } of identity.portals) {
      const server = `${url}/sharing/rest`;
      const userId = identity.credentials.find(({ portal }) => portal === url)?.username;
      const former = shown.get(url);
      if (userId === former) continue;
      shown.delete(url);
      if (former !== undefined) esriId.findCredential(server, former)?.destroy();
      if (userId === undefined) continue;
      shown.set(url, userId);
      esriId.registerToken({ server, userId, token: '' });
    }
  };
  identity.addEventListener('credentials-changed', showCredentials);
  showCredentials();
}
