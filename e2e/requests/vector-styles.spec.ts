/** A private vector style and everything it names: signed, and renewed in the middle of a session. */
import { expect, test, type Portal, type TestApp } from '../support/fixtures.js';

/** A private vector style and everything it names, as a map library requests it: by whole URLs, without a token. */
const vectorStyle: [name: string, path: string, type: string][] = [
  ['source', '?f=json', 'application/json'],
  ['style', '/resources/styles/root.json', 'application/json'],
  ['sprite index', '/resources/sprites/sprite@2x.json', 'application/json'],
  ['sprite', '/resources/sprites/sprite@2x.png', 'image/png'],
  ['glyphs', '/resources/fonts/Arial/0-255.pbf', 'application/x-protobuf'],
  ['tile', '/tile/0/0/0.pbf', 'application/x-protobuf'],
];

const vectorTileServers: [name: string, rootOf: (portal: Portal) => string][] = [
  ['hosted', ({ hostedUrl }) => `${hostedUrl}/Countries/VectorTileServer`],
  ['federated', ({ serverUrl }) => `${serverUrl}/rest/services/Countries/VectorTileServer`],
];

for (const [server, rootOf] of vectorTileServers) {
  const typesOf = (app: TestApp, turn: string): Promise<string[]> =>
    app.run(
      (urls) =>
        Promise.all(
          urls.map(async (url) => {
            const response = await fetch(url);
            const { size, type } = await response.blob();
            return `${size > 10 ? type : 'nothing'} ${String(response.url === url)}`;
          }),
        ),
      vectorStyle.map(
        ([, path]) => `${rootOf(app.portal)}${path}${path.includes('?') ? '&' : '?'}turn=${turn}`,
      ),
    );
  const expected = vectorStyle.map(([, , type]) => expect.stringMatching(`^${type}.* true$`) as unknown);

  test(
    `every part of a private ${server} style waits for the sign-in, is signed, and outlives its token`,
    { tag: ['@G1', '@G2', '@G3', '@user-interface'] },
    async ({ app }) => {
      await app.open();
      const first = typesOf(app, 'first');
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      expect(await first).toEqual(expected);
      app.portal.log.clear();
      expect(await typesOf(app, 'second')).toEqual(expected);
      const parts = app.portal.log.requests({ path: /VectorTileServer/ });
      expect(parts.map(({ user }) => user)).toEqual(vectorStyle.map(() => 'ana'));
      // In the middle of a session, without a click on the map.
      app.portal.control.expireAccessTokens();
      app.portal.log.clear();
      expect(await typesOf(app, 'third')).toEqual(expected);
      expect(app.tokenRequests()).toBe(1);
      await expect.poll(() => app.isPrompting()).toBe(false);
    },
  );
}

for (const [name, path, type] of vectorStyle) {
  test(
    `the ${name} of a private style alone starts the sign-in, and a refresh when its token is refused`,
    { tag: ['@G1', '@G4', '@user-interface'] },
    async ({ app }) => {
      await app.open();
      const url = `${app.portal.hostedUrl}/Countries/VectorTileServer${path}`;
      const load = (): Promise<string> =>
        app.run(async (address) => (await (await fetch(address)).blob()).type, url);
      const first = load();
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      expect(await first).toContain(type);
      app.portal.control.expireAccessTokens();
      expect(await load()).toContain(type);
      expect(app.tokenRequests('refresh_token')).toBe(1);
    },
  );
}
