/** Portals and servers of several kinds in one page: a credential each, no mix-up, and one prompt at a time. */
import { startPortal, type Portal } from '../../demo/portal/index.js';
import { appRegistration, tokensHandler } from '../support/app-account.js';
import { expect, registration, type TestApp } from '../support/fixtures.js';
import { fillInForm } from '../support/oauth-client.js';
import { apiUrl, oauthRegistration } from '../support/oauth-server.js';
import { passPages, test as base } from '../support/oauth-servers/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

/**
 * Enterprise, a second portal such as ArcGIS Online, a third where the app has an account of its own, an OpenID provider with an API, and
 * an OAuth server with another.
 */
const test = base.extend<{ online: Portal; open: Portal }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from this pattern
  online: async ({}, use) => {
    const online = await startPortal();
    await use(online);
    await online.close();
  },

  // oxlint-disable-next-line no-empty-pattern -- as above
  open: async ({}, use) => {
    const open = await startPortal();
    await use(open);
    await open.close();
  },

  deployment: async ({ deployment, portal, online, open }, use) => {
    const { arcgis, oauth } = deployment.registrations;
    deployment.registrations.app = [appRegistration(open)];
    deployment.handlers = [tokensHandler(open, false)];
    arcgis.push(registration(portal), { ...registration(online), name: 'Online' });
    oauth.push({ ...oauthRegistration(portal), name: 'Tiles' });
    await use(deployment);
  },

  appServer: async ({ appServer, online }, use) => {
    online.addRedirectUri(`${appServer.url}/signed-in.html`);
    await use(appServer);
  },
});

/** The user of each credential, by portal. */
const users = (app: TestApp): Promise<Record<string, string>> =>
  app.run(() =>
    Object.fromEntries(window.identity.credentials.map(({ portal, username }) => [portal, username ?? ''])),
  );

/** Signs in wherever the app prompts. @returns The origins that it prompted for, in their order. */
async function answerPrompts(app: TestApp, count: number, names: Record<string, string>): Promise<string[]> {
  const origins: string[] = [];
  for (let prompt = 1; prompt <= count; prompt += 1) {
    const popup = await app.openWindowFromDialog();
    await app.consumeUserActivation();
    const { origin } = new URL(popup.url());
    origins.push(origin);
    // The app's page and this window: there is no other prompt.
    expect(app.page.context().pages()).toHaveLength(2);
    if (origin in names) await passPages(popup, names[origin]);
    else {
      const closed = popup.waitForEvent('close');
      await fillInForm(popup, 'ana');
      await closed;
    }
  }
  return origins;
}

test(
  'each is asked for once, one after the other, and gets no token but its own',
  { tag: ['@user-interface'] },
  async ({ app, portal, online, open, server, api }) => {
    await app.open();
    const requests = [
      `${open.hostedUrl}/${countQuery()}`,
      app.hosted(countQuery()),
      `${online.hostedUrl}/${countQuery()}`,
      api.url,
      apiUrl(app),
      `${api.url}again`,
      app.hosted(countQuery(1)),
    ];
    const answers = Promise.all(requests.map((url) => app.fetchJson(url)));
    answers.catch(() => undefined);
    const prompts = await answerPrompts(app, 4, { [server.issuer]: 'ben' });
    expect(prompts.toSorted()).toEqual(
      [portal.origin, online.origin, server.issuer, portal.oauth.issuer].toSorted(),
    );
    expect(await answers).toMatchObject([
      aCount,
      aCount,
      aCount,
      { user: 'ben' },
      { user: 'ana', scope: 'tiles' },
      { user: 'ben' },
      aCount,
    ]);
    expect(await app.isPrompting()).toBe(false);

    // Renewals, all at once.
    server.expireAccessTokens();
    for (const { control } of [portal, online]) control.expireAccessTokens();
    const renewed = await Promise.all(requests.map((url) => app.fetchJson(url.replace('again', 'more'))));
    expect(renewed).toMatchObject([
      aCount,
      aCount,
      aCount,
      { user: 'ben' },
      { user: 'ana' },
      { user: 'ben' },
      aCount,
    ]);
    expect(await users(app)).toMatchObject({
      [portal.url]: 'ana',
      [online.url]: 'ana',
      [server.issuer]: 'ben',
    });

    // Nobody has seen a token of somebody else.
    const sent = [...server.front.requests(/./), ...api.front.requests(/./)];
    const toOthers = JSON.stringify(
      // Cookies are the browser's: they go to every port of a host.
      sent.map(({ headers, path, query, form }) => [{ ...headers, cookie: '' }, path, `${query}${form}`]),
    );
    expect([portal, online, open].flatMap(({ log }) => log.leaks(toOthers))).toEqual([]);
    const own = api.front
      .requests(/./)
      .map(({ headers }) => headers.authorization?.slice('Bearer '.length) ?? '');
    for (const { log } of [portal, online, open])
      for (const token of own.filter((value) => value !== ''))
        expect(JSON.stringify(log.requests({}))).not.toContain(token);
  },
);

test(
  'signing out of one leaves the others signed in',
  { tag: ['@user-interface'] },
  async ({ app, portal, online, server, api }) => {
    await app.open();
    const requests = [app.hosted(countQuery()), api.url, `${online.hostedUrl}/${countQuery()}`];
    const answers = Promise.all(requests.map((url) => app.fetchJson(url)));
    await answerPrompts(app, 3, { [server.issuer]: 'ben' });
    await answers;
    await app.run((url) => window.identity.signOut({ portal: url }), server.issuer);
    expect(await users(app)).toEqual({ [portal.url]: 'ana', [online.url]: 'ana' });
    expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
    expect(await app.fetchJson(`${online.hostedUrl}/${countQuery(2)}`)).toEqual(aCount);
    // The sign-out without a name is refused, rather than taken for one of them.
    const outcome = await app.run(() =>
      window.identity.signOut().then(
        () => 'signed out',
        (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
      ),
    );
    expect(outcome).toBe('portal-ambiguous');
  },
);
