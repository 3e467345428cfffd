/** Tokens for one API each (RFC 8707), and more parameters. */
import { expect } from '../support/fixtures.js';
import { changed, registrationOf, signIn, test } from '../support/oauth-servers/fixtures.js';
import { startApi } from '../support/oauth-servers/api.js';

test.describe('a registration with a resource', () => {
  const resources: Record<string, string> = {};
  test.use({
    choice: { kind: 'oidc-provider', resources },
    isAudience: true,
    changes: changed((_, { url }) => {
      resources[url] = 'maps';
      return { resource: url };
    }),
  });

  test('gets tokens for it, at sign-in and at refresh', async ({ app, server, api }) => {
    await app.open();
    await signIn(app);
    expect(await app.fetchJson(api.url)).toMatchObject({ audience: [api.url], scope: 'maps' });
    server.expireAccessTokens();
    expect(await app.fetchJson(api.url)).toMatchObject({ audience: [api.url], scope: 'maps' });
    expect(server.front.requests(/^\/auth$/)[0]?.query.get('resource')).toBe(api.url);
    for (const { form } of server.front.requests(/^\/token$/)) expect(form.get('resource')).toBe(api.url);
  });
});
