/** Tokens for one API each (RFC 8707), from one server. */
import { expect } from '../support/fixtures.js';
import { startApi, type Api } from '../support/oauth-servers/api.js';
import { passPages, registrationOf, test as base } from '../support/oauth-servers/fixtures.js';

/** Two APIs that take tokens for themselves only, registered apart. */
const test = base.extend<{ otherApi: Api }>({
  otherApi: async ({ server }, use) => {
    const api = await startApi({ server, isAudience: true });
    await use(api);
    await api.close();
  },

  deployment: async ({ deployment, server, api, otherApi }, use) => {
    deployment.registrations.oauth = [
      { ...registrationOf(server, api), id: 'maps', resource: api.url, scope: 'maps', name: 'Maps' },
      {
        ...registrationOf(server, otherApi),
        id: 'edits',
        resource: otherApi.url,
        scope: 'edits',
        name: 'Edits',
      },
    ];
    await use(deployment);
  },
});

test.use({ choice: { kind: 'oidc-provider', resourceScopes: 'maps edits' }, isAudience: true });

test(
  'two registrations at one issuer have a token each, at sign-in and at refresh',
  { tag: ['@user-interface'] },
  async ({ app, server, api, otherApi }) => {
    await app.open();
    const answers = Promise.all([app.fetchJson(api.url), app.fetchJson(otherApi.url)]);
    const first = await app.openWindowFromDialog();
    await app.consumeUserActivation();
    await passPages(first);
    // The server knows the user by now, and asks for the other permission only.
    await app.openWindowFromDialog().then(async (popup) => {
      const closed = popup.waitForEvent('close');
      await popup.getByRole('button', { name: 'Allow' }).click();
      await closed;
    });
    const maps = { user: 'ana', audience: [api.url], scope: 'maps' };
    const edits = { user: 'ana', audience: [otherApi.url], scope: 'edits' };
    expect(await answers).toMatchObject([maps, edits]);
    for (const round of [1, 2]) {
      server.expireAccessTokens();
      expect(
        await Promise.all([api, otherApi].map(({ url }) => app.fetchJson(url + String(round)))),
      ).toMatchObject([maps, edits]);
    }
    const asked = server.front.requests(/^\/auth$/).map(({ query }) => query.get('resource') ?? '');
    expect(asked).toHaveLength(2);
    expect(new Set(asked)).toEqual(new Set([api.url, otherApi.url]));
  },
);
