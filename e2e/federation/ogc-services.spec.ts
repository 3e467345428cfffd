/** OGC services: their addresses have no `/rest/`, and they take the same token as the REST address of the service. */
import { expect, openSignedIn, test, type TestApp } from '../support/fixtures.js';
import { fillInForm } from '../support/oauth-client.js';

const getMap =
  'service=WMS&request=GetMap&version=1.3.0&layers=0&styles=&crs=EPSG:3857&bbox=-20037508,-20037508,20037508,20037508&width=128&height=128&format=image/png';
const service = 'services/Terrain/MapServer/WMSServer';
const capabilities = `${service}?service=WMS&request=GetCapabilities`;

const described = { status: 200, text: expect.stringContaining('<WMS_Capabilities') as unknown };

const ogc = (root: string, path: string): string => `${root}/${path}`;
const hostedRoot = ({ portal }: TestApp): string => portal.hostedUrl.replace(/\/rest\/services$/, '');
const users = ({ portal }: TestApp) =>
  portal.log.requests({ path: /WMSServer$/i }).map(({ user, tokenPlacement }) => user ?? tokenPlacement);

test(
  'a map of a WMS asks the user to sign in, and is shown',
  { tag: ['@user-interface'] },
  async ({ app, portal }) => {
    await app.open();
    const shown = app.loadImage(ogc(portal.serverUrl, `${service}?${getMap}`));
    const popup = await app.openWindowFromDialog();
    await Promise.all([popup.waitForEvent('close'), fillInForm(popup, 'ana')]);
    expect(await shown).toBe(128);
    expect(users(app).at(-1)).toBe('ana');
  },
);

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  test('the WMS of a federated and of a hosted service takes the token of its REST address', async ({
    app,
    portal,
  }) => {
    const tokens: (string | undefined)[] = [];
    for (const root of [portal.serverUrl, hostedRoot(app)]) {
      expect(await app.loadImage(ogc(root, `${service}?${getMap}`))).toBe(128);
      const seen = await app.fetch(ogc(root, capabilities));
      expect(seen).toMatchObject(described);
      expect(portal.log.leaks(JSON.stringify(seen))).toEqual([]);
      await app.fetchJson(ogc(root, 'rest/services/Terrain/MapServer?f=json'));
      const sent = portal.log.requests({ path: /Terrain\/MapServer/ }).filter(({ tokenId }) => tokenId);
      tokens.push(...new Set(sent.map(({ tokenId }) => tokenId)));
      portal.log.clear();
    }
    expect(tokens).toEqual([expect.stringMatching(/^server-/), expect.stringMatching(/^access-/)]);
  });

  for (const style of ['json200', 'html200', 'exception200', 'status498', 'status401'] as const)
    test(`a refusal as ${style} has the token renewed`, async ({ app, portal }) => {
      portal.control.setErrorStyle(style);
      const root = hostedRoot(app);
      portal.control.expireAccessTokens();
      expect(await app.fetch(ogc(root, capabilities))).toMatchObject(described);
      portal.control.expireAccessTokens();
      expect(await app.loadImage(ogc(root, `${service}?${getMap}`))).toBe(128);
      expect(app.tokenRequests('refresh_token')).toBe(2);
    });

  test('a foreign server whose services are no ArcGIS’s is not asked whose it is', async ({
    app,
    portal,
  }) => {
    const { origin } = portal.foreign;
    for (const path of [
      'services/list',
      'services/Terrain/users',
      'services/game/GameServer/1',
      'services/WMSServer',
      'api/services/map?path=/services/a/MapServer/WMSServer',
      'services/a/WMSServer2',
      'myservices/a/MapServer/WMSServer',
    ])
      await app.fetch(`${origin}/${path}`);
    const asked = () => portal.log.requests({ server: 'foreign', path: /rest\/info/ }).length;
    expect(asked()).toBe(0);
    // A control: one that looks like an ArcGIS Server's is asked.
    await app.fetch(`${origin}/services/a/MapServer/WMSServer?${getMap}`);
    await expect.poll(asked).toBe(1);
  });
});
