/** What the helper for `@arcgis/core` sets, holds back and shows; the SDK itself is in e2e/clients. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { connectArcGISCore, type EsriInterceptor } from './arcgis-core.js';
import type { IdentityManager } from './identity-manager.js';

type Identity = Pick<IdentityManager, 'ready' | 'portals' | 'credentials' | 'addEventListener'>;

const portalUrl = 'https://gis.example.org/portal';

beforeEach(() => {
  vi.stubGlobal('location', { href: 'https://app.example.org/map/' });
});

/** An IdentityManager of which the test says who is signed in, and when it is ready. */
function makeIdentity() {
  const target = new EventTarget();
  let [resolve, reject] = [(): void => undefined, (): void => undefined];
  const ready = new Promise<void>((...ends) => ([resolve, reject] = ends));
  const state = {
    ready,
    portals: [],
    credentials: [],
    addEventListener: target.addEventListener.bind(target),
  };
  const identity = state as unknown as { -readonly [K in keyof Identity]: Identity[K] };
  return {
    identity,
    resolve,
    reject,
    signIn: (username: string | undefined): void => {
      identity.portals = [{ url: portalUrl, name: 'GIS', isMemoryOnly: false }];
      identity.credentials = username === undefined ? [] : [{ portal: portalUrl, username, renewable: true }];
      target.dispatchEvent(new Event('credentials-changed'));
    },
  };
}

function makeEsri() {
  const interceptors: EsriInterceptor[] = [];
  const esriConfig = { request: { useIdentity: true, interceptors } };
  const credentials: { server: string; userId: string; token: string }[] = [];
  const esriId = {
    registerToken: (properties: { server: string; userId: string; token: string }) =>
      void credentials.push(properties),
    findCredential: (url: string, userId: string) => {
      const at = credentials.findIndex((each) => each.server === url && each.userId === userId);
      return at < 0 ? undefined : { destroy: () => void credentials.splice(at, 1) };
    },
  };
  return { esriConfig, esriId, credentials };
}

/** Passes a request of the SDK through the interceptor. @returns Its option `withCredentials`. */
async function send(interceptors: readonly EsriInterceptor[], url: string): Promise<boolean | undefined> {
  const requestOptions: { withCredentials?: boolean } = { withCredentials: true };
  await interceptors[0]?.before({ url, requestOptions });
  return requestOptions.withCredentials;
}

test('the identity manager of the SDK is switched off at once', () => {
  const { esriConfig } = makeEsri();
  connectArcGISCore(makeIdentity().identity, { esriConfig });
  expect(esriConfig.request.useIdentity).toBe(false);
});

describe('requests', () => {
  test('wait for the worker, and are sent without one too', async () => {
    for (const outcome of ['resolve', 'reject'] as const) {
      const { identity, ...ends } = makeIdentity();
      const { esriConfig } = makeEsri();
      connectArcGISCore(identity, { esriConfig });
      let isSent = false;
      const sending = send(esriConfig.request.interceptors, portalUrl).then(() => (isSent = true));
      await Promise.resolve();
      expect(isSent).toBe(false);
      ends[outcome]();
      await sending;
    }
  });

  test.each([
    ['the portal', `${portalUrl}/sharing/rest/portals/self`, false],
    ['a server at its host', 'https://gis.example.org/server/rest/services', false],
    ['another host', 'https://gis.example.org.evil.example/server', true],
    ['another port', 'https://gis.example.org:6443/arcgis', true],
    ['a file of the app', './assets/t9n.json', true],
  ])('to %s: cookies %s', async (_, url, withCredentials) => {
    const { identity, resolve, signIn } = makeIdentity();
    const { esriConfig } = makeEsri();
    connectArcGISCore(identity, { esriConfig });
    signIn('ana');
    resolve();
    expect(await send(esriConfig.request.interceptors, url)).toBe(withCredentials);
  });
});

describe('credentials', () => {
  const server = `${portalUrl}/sharing/rest`;

  test('are those of who is signed in, without a token, and go with the user', () => {
    const { identity, signIn } = makeIdentity();
    const { credentials, ...esri } = makeEsri();
    connectArcGISCore(identity, esri);
    expect(credentials).toEqual([]);
    signIn('ana');
    signIn('ana');
    expect(credentials).toEqual([{ server, userId: 'ana', token: '' }]);
    signIn('ben');
    expect(credentials).toEqual([{ server, userId: 'ben', token: '' }]);
    signIn(undefined);
    expect(credentials).toEqual([]);
  });

  test('of a user who was signed in before are there at once; those of the app stay', () => {
    const { identity, signIn } = makeIdentity();
    const { credentials, ...esri } = makeEsri();
    credentials.push({ server: 'https://other.example/sharing/rest', userId: 'eve', token: 'own' });
    signIn('ana');
    connectArcGISCore(identity, esri);
    signIn(undefined);
    expect(credentials).toEqual([
      { server: 'https://other.example/sharing/rest', userId: 'eve', token: 'own' },
    ]);
  });
});
