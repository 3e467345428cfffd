/** What the browser or the app has cached is shown to the user it belongs to only. */
import { expect, openSignedIn, test } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { startRawServer, type RawServer } from '../support/raw-server.js';
import { oauthRegistration } from '../support/oauth-server.js';

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  test(
    'what one user’s browser has cached is not shown to the next user, or after signing out',
    { tag: ['@F6', '@I7'] },
    async ({ app }) => {
      // Kept for an hour, by its server’s own word.
      const url = app.hosted('Basemap/MapServer/tile/0/0/0');
      const users = () => app.portal.log.requests({ path: /tile\/0\/0\/0$/ }).map(({ user }) => user);
      for (let turn = 0; turn < 2; turn += 1) expect(await app.fetch(url)).toMatchObject({ status: 200 });
      // Control: it is kept.
      expect(users()).toEqual(['ana']);
      await app.run(() => window.identity.signOut());
      expect(await app.fetch(url)).toMatchObject({ status: 200 });
      expect(users()).toEqual(['ana', undefined]);
      app.portal.control.endSessions();
      await app.signIn('ben');
      expect(await app.fetch(url)).toMatchObject({ status: 200 });
      expect(users()).toEqual(['ana', undefined, 'ben']);
      // Nothing but the note of the sign-out lies in the caches that scripts can read.
      const kept = await app.run(async () => {
        const texts: string[] = [];
        for (const name of await caches.keys())
          for (const request of await (await caches.open(name)).keys())
            texts.push(name, request.url, (await (await caches.match(request))?.text()) ?? '');
        return texts;
      });
      const note = `${app.url}/identity-worker:sign-outs?portal=${encodeURIComponent(app.portal.url)}`;
      expect(kept).toEqual(['identity-worker:sign-outs', note, expect.stringMatching(/^\d+$/)]);
    },
  );

  test(
    'an app’s own cache keeps what it was given, with no token in its keys or values',
    { tag: ['@F6'] },
    async ({ app }) => {
      const url = app.hosted(countQuery());
      const kept = await app.run(async (address) => {
        const cache = await caches.open('tiles');
        await cache.add(address);
        await cache.put(`${address}&second`, await fetch(address));
        const texts = [];
        for (const request of await cache.keys()) {
          const response = await cache.match(request);
          texts.push(
            request.url,
            ...request.headers,
            response?.url,
            ...(response?.headers ?? []),
            await response?.text(),
          );
        }
        return JSON.stringify(texts);
      }, url);
      expect(kept).toContain('count');
      expect(app.portal.log.leaks(kept)).toEqual([]);
      expect(app.portal.log.count({ path: /query$/, where: ({ user }) => user === 'ana' })).toBe(2);
    },
  );

  test('an error that may be cached is not answered again from a cache', async ({ app }) => {
    app.portal.control.setEnvelopeCacheControl('public, max-age=300');
    app.portal.control.setAlwaysRefuse('Countries');
    expect(await app.fetchJson(app.hosted(countQuery()))).toMatchObject({ error: { code: 498 } });
    app.portal.control.setAlwaysRefuse('Countries', false);
    app.portal.log.clear();
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(app.portal.log.count({ path: /query$/ })).toBeGreaterThan(0);
  });
});

test.describe('an API that takes its token in a header', () => {
  const tokens = new Set<string>();
  let api: RawServer;
  test.beforeAll(async () => {
    // It lets every browser keep its answers, and forgets to say whose they are.
    api = await startRawServer(({ request, response }) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'max-age=3600' });
      const { authorization } = request.headers;
      if (authorization !== undefined) tokens.add(authorization);
      response.end(
        authorization === undefined ? 'anonymous' : `token ${[...tokens].indexOf(authorization) + 1}`,
      );
    });
  });
  test.afterAll(() => api.close());
  test.use({
    identityConfig: {
      make: (portal) => ({ oauth: [{ ...oauthRegistration(portal), resources: [api.origin] }] }),
    },
  });

  test(
    'what an API let the browser cache is not shown after signing out, or to the next user',
    { tag: ['@F6'] },
    async ({ app }) => {
      const signIn = async (user: 'ana' | 'ben'): Promise<void> => {
        const popup = await app.openSignInWindow();
        await app.fillIn(popup, user);
        await expect.poll(() => app.run(() => window.identity.credentials.length)).toBe(1);
      };
      const seen = async (): Promise<string> => {
        const outcome = await app.fetch(`${api.origin}/mine`);
        return 'text' in outcome ? outcome.text : outcome.error;
      };
      await app.open();
      await signIn('ana');
      expect(await seen()).toBe('token 1');
      await app.run(() => window.identity.signOut());
      expect(await seen()).toBe('anonymous');
      app.portal.control.endSessions();
      await signIn('ben');
      expect(await seen()).toBe('token 2');
    },
  );
});
