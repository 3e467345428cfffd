/** Servers that lie: about whose they are, and about what their answers are. */
import { expect, query, registered, signedIn, test, type TestApp } from './attack.js';
import { anyOrigin } from './liar.js';

/** Asks for layers of a server, as a map would that somebody shared. */
const browse = async (target: TestApp, origin: string): Promise<void> => {
  const service = `${origin}/server/rest/services/Countries/FeatureServer`;
  await target.fetch(`${service}/0/query?f=json&where=1%3D1`);
  await target.fetch(`${service}?f=json`);
  await target.loadImage(`${origin}/server/rest/services/Terrain/MapServer/tile/1/0/1`);
  await target.fetch(`${service}/0/query?f=json&where=1%3D1`);
};

for (const [name, spell] of [
  ['by its address', (url: string) => url],
  ['by another spelling of it', (url: string) => `${url.replace('http://', 'HTTP://')}/home/`],
] as const) {
  test(`S2: a server says that it belongs to the portal, ${name}`, async ({ app, naive, liar, portal }) => {
    const server = await liar({
      answer: ({ url }, response) => {
        response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' });
        const body = url.pathname.endsWith('/rest/info')
          ? { owningSystemUrl: spell(portal.url), authInfo: { isTokenBasedSecurity: true } }
          : { error: { code: 499, message: 'Token Required', details: [] } };
        response.end(JSON.stringify(body));
        return true;
      },
    });
    await browse(await naive({ does: 'believes' }), server.origin);
    expect(server.secrets(), 'control').not.toEqual([]);
    const heardBefore = server.heard.length;
    await signedIn(app);
    await browse(app, server.origin);
    const since = server.heard
      .slice(heardBefore)
      .map(({ url, headers, body }) => `${url.href} ${JSON.stringify(headers)} ${body}`);
    expect(since.length).toBeGreaterThan(3);
    expect(portal.log.leaks(since.join('\n'))).toEqual([]);
    expect(await app.isAsking()).toBe(false);
  });
}

test('S1: an answer’s error text, made to hold the token, reaches no error of ours and no console', async ({
  variant,
  liar,
  portal,
}) => {
  const echo = await liar({
    answer: ({ url }, response) => {
      response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ error: { code: 498, message: `Invalid token ${url.search}`, details: [] } }),
      );
      return true;
    },
  });
  const ours = await signedIn(
    await variant({ config: registered({ resources: [portal.hostedUrl, echo.origin] }) }),
  );
  await ours.fetch(`${echo.origin}/rest/services/x/MapServer?f=json`);
  expect(echo.secrets(), 'control: the server had it').not.toEqual([]);
  expect(portal.log.leaks(ours.consoleLines.join('\n'))).toEqual([]);
  // The session is as good as before.
  expect(await ours.fetchJson(ours.hosted(query))).toEqual({ count: expect.any(Number) });
});

for (const [name, body] of [
  [
    'names the prototype',
    '{"__proto__":{"access_token":"polluted"},"constructor":{"prototype":{"isAdmin":true}}}',
  ],
  ['is nested without end', '['.repeat(100_000)],
  ['is larger than any token', `{"access_token":"${'x'.repeat(600_000)}"}`],
] as const) {
  test(`S8: a token answer that ${name} changes nothing`, async ({ app, portal }) => {
    await signedIn(app);
    const repair = portal.control.fault('/oauth2/token', { status: 200, html: body });
    portal.control.expireAccessTokens();
    expect(await app.fetch(app.hosted(query))).toEqual({ error: 'TypeError' });
    repair();
    // Control: the same refresh succeeds with an honest answer.
    expect(await app.fetchJson(app.hosted(query))).toEqual({ count: expect.any(Number) });
    expect(await app.run(() => ('isAdmin' in {} ? 'polluted' : 'clean'))).toBe('clean');
  });
}
