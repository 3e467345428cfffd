/** Every spelling of a portal’s address is the same portal. */
import { expect, registeredWith, test } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

test.describe('spellings of the portal', () => {
  for (const [name, spelled] of [
    ['with a slash at the end', (url: string) => `${url}/`],
    ['with its sharing API', (url: string) => `${url}/sharing/rest`],
    ['with its home page', (url: string) => `${url}/home/index.html`],
    ['with a path that goes back', (url: string) => `${url}/x/../`],
    ['with its scheme in capitals', (url: string) => url.replace('http:', 'HTTP:')],
    ['with another spelling of its address', (url: string) => url.replace('127.0.0.1', '127.1')],
  ] as const) {
    test.describe(() => {
      test.use({ identityConfig: registeredWith(({ url }) => ({ url: spelled(url) })) });

      test(
        `a portal registered ${name} is the owner that its servers name`,
        { tag: ['@G9'] },
        async ({ app }) => {
          await app.open();
          await app.signIn('ana');
          expect(await app.fetchJson(app.federated(countQuery()))).toEqual(aCount);
          expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
          expect(await app.fetchJson(`${app.portal.url}/sharing/rest/portals/self?f=json`)).toMatchObject({
            user: { username: 'ana' },
          });
          expect(app.portal.log.count({ path: /generateToken$/ })).toBe(1);
          // Calls of the page know it by every spelling, too.
          for (const call of [app.portal.url, spelled(app.portal.url)])
            await app.run((portal) => window.identity.signOut({ portal }), call);
          expect(await app.run(() => window.identity.credentials)).toEqual([]);
        },
      );
    });
  }
});
