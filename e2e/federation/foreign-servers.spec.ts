/** Servers that are not the portal’s, whatever they claim and however their addresses look: they get no token. */
import {
  expect,
  openSignedIn,
  registeredWith,
  test,
  type Portal,
  type TestApp,
} from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

const exchanges = ({ portal }: TestApp) => portal.log.requests({ path: /generateToken$/ });

/** The foreign server has been sent no secret. */
function expectForeignKnowsNothing({ log }: Portal): void {
  const entries = log.requests({ server: 'foreign' });
  expect(entries.length).toBeGreaterThan(0);
  expect(entries.flatMap(({ secrets, tokenId }) => [...secrets, ...(tokenId ? [tokenId] : [])])).toEqual([]);
}

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  test('a server that is not federated is left alone', { tag: ['@G20'] }, async ({ app }) => {
    const url = `${app.portal.aloneUrl}/rest/services/${countQuery()}`;
    expect(await app.fetchJson(url)).toMatchObject({ error: { code: 499 } });
    expect(await app.fetchJson(url)).toMatchObject({ error: { code: 499 } });
    const sent = app.portal.log.requests({ server: 'alone', path: /query$/ });
    expect(sent.map(({ tokenPlacement, secrets }) => [tokenPlacement, secrets])).toEqual([
      ['none', []],
      ['none', []],
    ]);
    expect(exchanges(app)).toEqual([]);
    expect(await app.isPrompting()).toBe(false);
  });

  test(
    'a foreign server that claims to belong to the portal gets no token, and the page gets its refusal',
    { tag: ['@G13'] },
    async ({ app }) => {
      const { portal } = app;
      const url = `${portal.foreign.origin}/server/rest/services/Countries/FeatureServer/0/query?f=json`;
      for (let turn = 0; turn < 3; turn += 1) {
        expect(await app.fetchJson(`${url}&turn=${turn}`)).toMatchObject({ error: { code: 499 } });
      }
      await app.fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'f=json',
      });
      await app.loadImage(`${portal.foreign.origin}/server/rest/services/Terrain/MapServer/tile/1/0/1`);
      // It was asked who owns it, and lied; the portal was asked once, and refused.
      expect(portal.log.count({ server: 'foreign', path: /rest\/info$/ })).toBe(1);
      expect(exchanges(app)).toHaveLength(1);
      expectForeignKnowsNothing(portal);
      await app.stopWorker();
      expect(await app.fetchJson(url)).toMatchObject({ error: { code: 499 } });
      expectForeignKnowsNothing(portal);
      expect(await app.isPrompting()).toBe(false);
      // The real server works beside it.
      expect(await app.fetchJson(app.federated(countQuery()))).toEqual(aCount);
    },
  );
});

for (const [name, urlOf] of [
  [
    'another port, same path',
    (portal: Portal) => `${portal.foreign.origin}/portal/sharing/rest/portals/self?f=json`,
  ],
  [
    'the portal’s address in the path',
    (portal: Portal) => `${portal.foreign.origin}/${portal.url}/sharing/rest/x?f=json`,
  ],
  [
    'the portal’s address in the query',
    (portal: Portal) => `${portal.foreign.origin}/x?u=${encodeURIComponent(portal.url)}/sharing/rest`,
  ],
  [
    'the portal’s host as a part of another',
    (portal: Portal) =>
      `${portal.foreign.origin.replace('127.0.0.1', '127.0.0.1.localhost')}/portal/sharing/rest/portals/self?f=json`,
  ],
] as const) {
  test(`an address with ${name} gets no token`, { tag: ['@G13'] }, async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    const url = urlOf(app.portal);
    await app.fetch(url);
    await app.loadImage(url);
    expectForeignKnowsNothing(app.portal);
    expect(await app.isPrompting()).toBe(false);
  });
}

test('an address with the portal’s host as user info gets no token', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  const { host } = new URL(app.portal.url);
  const url = `http://${host.replace(':', '%3A')}@${new URL(app.portal.foreign.origin).host}/portal/sharing/rest/x`;
  // The browser refuses such addresses to scripts and pictures; what it would let through must carry nothing.
  expect(await app.fetch(url)).toEqual({ error: 'TypeError' });
  expect(await app.loadImage(url)).toBe(0);
  const entries = app.portal.log.requests({ server: 'foreign' });
  expect(entries.flatMap(({ secrets }) => secrets)).toEqual([]);
});

for (const [name, pathOf] of [
  ['a longer name', (path: string) => path.replace('/portal/', '/portal2/')],
  ['an encoded slash', (path: string) => path.replace('/portal/', '/portal%2Fx/')],
  ['a path beside sharing', (path: string) => path.replace('/sharing/', '/sharing2/')],
] as const) {
  test(`${name} at the portal’s own origin is not signed`, { tag: ['@G13'] }, async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
    await app.fetch(app.portal.origin + pathOf('/portal/sharing/rest/portals/self?f=json'));
    expect(app.portal.log.entries).toMatchObject([{ tokenPlacement: 'none', secrets: [] }]);
    // Control: the real one is.
    await app.fetch(`${app.portal.url}/sharing/rest/portals/self?f=json`);
    expect(app.portal.log.entries).toMatchObject([{}, { tokenPlacement: 'query', user: 'ana' }]);
  });
}

test.describe(() => {
  test.use({
    identityConfig: registeredWith(({ serverUrl, foreign }) => ({
      servers: [serverUrl, `${foreign.origin}/server`],
    })),
  });

  test('a registered server that the portal does not know gets no token', async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    const url = `${app.portal.foreign.origin}/server/rest/services/Countries/FeatureServer/0/query?f=json`;
    expect(await app.fetchJson(url)).toMatchObject({ error: { code: 499 } });
    expect(await app.fetchJson(`${url}&again=1`)).toMatchObject({ error: { code: 499 } });
    expect(exchanges(app)).toHaveLength(1);
    expectForeignKnowsNothing(app.portal);
    expect(await app.isPrompting()).toBe(false);
  });
});
