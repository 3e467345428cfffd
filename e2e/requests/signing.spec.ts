/** What is signed, in every way in which a page loads something, and what is left as it is. */
import {
  expect,
  openSignedIn,
  registeredWith,
  registration,
  test,
  TestApp,
  type Portal,
} from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { oauthServer } from '../support/oauth-server.js';
import { generateToken } from '../support/oauth-client.js';
import { startAppServer } from '../../demo/app-server.js';

const queries = (portal: Portal) => portal.log.requests({ path: /Countries\/FeatureServer\/0\/query$/ });

/** An item of the organisation. */
const webMap = 'content/items/0a1b2c3d4e5f60718293a4b5c6d7e8f5?f=json';

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  test('the token travels to the portal and nothing of it comes back to the page', async ({ app }) => {
    const url = app.hosted(countQuery());
    const seen = await app.fetch(url);
    expect(seen).toMatchObject({ status: 200, url });
    expect(queries(app.portal)).toMatchObject([{ tokenPlacement: 'query', user: 'ana' }]);
    expect(app.portal.log.leaks(JSON.stringify(seen))).toEqual([]);
  });

  test('the token is sent on the first try once there is one, to the portal too', async ({ app }) => {
    const { portal } = app;
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(await app.fetchJson(`${portal.url}/sharing/rest/${webMap}`)).toMatchObject({ title: 'World map' });
    expect(await app.fetchJson(`${portal.url}/sharing/rest/portals/self?f=json`)).toMatchObject({
      user: { username: 'ana' },
    });
    expect(portal.log.entries.map(({ user }) => user)).toEqual(['ana', 'ana', 'ana']);
  });

  test('a beacon and a request that outlives its page are signed', { tag: ['@C1'] }, async ({ app }) => {
    await app.run(
      ([beacon, kept]) => {
        navigator.sendBeacon(beacon, 'text');
        void fetch(kept, { keepalive: true, method: 'POST', body: 'text' });
      },
      [app.hosted('Echo?f=json&n=beacon'), app.hosted('Echo?f=json&n=kept')] as const,
    );
    const sent = await app.portal.log.waitFor({ path: /Echo$/, status: 200 }, 2);
    expect(sent.map(({ user, bodyLength }) => [user, bodyLength])).toEqual([
      ['ana', 4],
      ['ana', 4],
    ]);
  });

  test(
    'everything that a page, its styles and its workers load is signed',
    { tag: ['@C1'] },
    async ({ app }) => {
      const kinds = await app.run((base) => {
        const all: string[] = [];
        const of = (kind: string): string => {
          all.push(kind);
          return `${base}?f=json&kind=${kind}`;
        };
        const add = (
          tag: string,
          attributes: Record<string, string>,
          parent: Element = document.body,
        ): void => {
          const element = document.createElement(tag);
          for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
          parent.append(element);
        };
        add('img', { src: of('img') });
        add('img', { src: of('img-cors'), crossorigin: '' });
        add('img', { srcset: `${of('srcset')} 1x` });
        add('input', { type: 'image', src: of('input') });
        add('video', { poster: of('poster') });
        add('video', { src: of('video') });
        add('audio', { src: of('audio'), crossorigin: '' });
        add('link', { rel: 'stylesheet', href: of('stylesheet') });
        add('link', { rel: 'stylesheet', href: of('stylesheet-cors'), crossorigin: '' });
        add('link', { rel: 'preload', as: 'fetch', href: of('preload'), crossorigin: '' });
        add('script', { src: of('script') });
        add('script', { src: of('module'), type: 'module' });
        add('div', { style: `width: 9px; height: 9px; background: url("${of('background')}")` });
        // A font is loaded for text only.
        document.body.append(Object.assign(document.createElement('p'), { textContent: 'text' }));
        const style = document.createElement('style');
        style.textContent = `@import url("${of('import')}"); @font-face { font-family: x; src: url("${of('font')}"); } p { font-family: x; }`;
        document.head.append(style);
        const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
        const picture = document.createElementNS('http://www.w3.org/2000/svg', 'image');
        picture.setAttribute('href', of('svg'));
        svg.append(picture);
        document.body.append(svg);
        void fetch(of('fetch'));
        const request = new XMLHttpRequest();
        request.open('GET', of('xhr'));
        request.send();
        navigator.sendBeacon(of('beacon'));
        const inWorker = `fetch(${JSON.stringify(of('blob-worker'))})`;
        // Kept, so that they are not collected before their requests.
        Object.assign(window, {
          events: new EventSource(of('events')),
          worker: new Worker(URL.createObjectURL(new Blob([inWorker], { type: 'text/javascript' }))),
        });
        return all;
      }, app.hosted('Echo'));
      const arrived = () =>
        new Map(
          app.portal.log
            .requests({ path: /Echo$/ })
            .map(({ query, user }) => [new URLSearchParams(query).get('kind'), user]),
        );
      await expect.poll(() => new Set(arrived().keys())).toEqual(new Set(kinds));
      expect([...arrived()].filter(([, user]) => user !== 'ana')).toEqual([]);
      expect(app.portal.log.count({ method: 'OPTIONS' })).toBe(0);
    },
  );

  test('requests with a credential of their own are left alone', { tag: ['@G18'] }, async ({ app }) => {
    for (const init of [
      { headers: { authorization: 'Bearer own' } },
      { headers: { 'x-esri-authorization': 'Bearer own' } },
    ]) {
      app.portal.control.setCors('two-headers');
      await app.fetch(app.hosted(countQuery()), init);
    }
    await app.fetch(app.hosted(`${countQuery()}&token=own`));
    await app.fetch(app.hosted(`${countQuery()}&Token=own`));
    for (const { tokenId } of queries(app.portal).filter(({ method }) => method === 'GET'))
      expect([undefined, 'unknown']).toContain(tokenId);
  });

  test('endpoints that issue tokens are never signed', { tag: ['@J3'] }, async ({ app }) => {
    for (const path of [
      'generateToken',
      'oauth2/token',
      'GenerateToken',
      'oauth2/revokeToken',
      '/oauth2//token',
      'oauth2%2Ftoken',
    ]) {
      await app.fetch(`${app.portal.url}/sharing/rest/${path}?f=json&request=getToken`);
    }
    expect(app.portal.log.entries.map(({ tokenPlacement }) => tokenPlacement)).not.toContain('query');
    expect(app.portal.log.entries.length).toBeGreaterThan(3);
  });

  for (const [name, type, body] of [
    ['a form', 'application/x-www-form-urlencoded', 'where=1%3D1&token=own&f=json'],
    ['a form that opens with it', 'application/x-www-form-urlencoded', 'token=own&where=1%3D1&f=json'],
    [
      'a multipart body',
      'multipart/form-data; boundary=XX',
      '--XX\r\nContent-Disposition: form-data; name="token"\r\n\r\nown\r\n--XX\r\nContent-Disposition: form-data; name="f"\r\n\r\njson\r\n--XX--\r\n',
    ],
  ] as const) {
    test(`a token of the page’s own in ${name} is left alone`, async ({ app }) => {
      for (const url of [app.hosted('Echo'), app.federated('Echo')]) {
        await app.fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
      }
      const untouched = { tokenId: 'unknown', bodyLength: body.length, secrets: [] };
      expect(app.portal.log.entries).toMatchObject([untouched, untouched]);
    });
  }

  test('requests to servers without a registration bypass the worker', { tag: ['@A8'] }, async ({ app }) => {
    const elsewhere = `${app.portal.foreign.origin}/data.json`;
    const request = app.page.waitForResponse(elsewhere);
    await app.fetch(elsewhere);
    expect((await request).fromServiceWorker()).toBe(false);
    const [seen] = app.portal.log.requests({ server: 'foreign' });
    expect(seen).toMatchObject({ tokenPlacement: 'none', secrets: [] });
  });
});

test(
  'requests of the app’s workers are signed: from a file, a blob, another server’s script, shared and nested',
  { tag: ['@A13'] },
  async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    const answers = await app.run(
      async ([url, elsewhere]) => {
        const script = '/transparency/asker.js';
        const blob = (code: string): string => URL.createObjectURL(new Blob([code]));
        const nested = `const inner = new Worker('${location.origin}${script}');
        onmessage = ({ data }) => inner.postMessage(data);
        inner.onmessage = ({ data }) => postMessage(data);`;
        const dedicated = [
          script,
          blob(await (await fetch(script)).text()),
          blob(`importScripts('${elsewhere}${script}')`),
          blob(nested),
        ].map((source) => new Worker(source));
        const { port } = new SharedWorker(script);
        port.start();
        return Promise.all(
          [...dedicated, port].map(
            (worker: Worker | MessagePort) =>
              new Promise((resolve) => {
                worker.addEventListener('message', (event) => {
                  resolve(((event as MessageEvent).data as { text: string }).text);
                });
                worker.postMessage({ url, how: 'fetch' });
              }),
          ),
        );
      },
      [app.hosted(countQuery()), app.url.replace('localhost', '127.0.0.1')] as [string, string],
    );
    expect(answers).toEqual(Array.from({ length: 5 }, () => expect.stringMatching(/^\{"count":\d+\}$/)));
    expect(app.tokenRequests()).toBe(1);
  },
);

test.describe('anonymous', () => {
  test.beforeEach(({ app }) => app.open());

  test(
    'a token that the page brought, bound to its origin, works through the worker',
    { tag: ['@G19'] },
    async ({ app }) => {
      const own = await generateToken(app.portal, app.url);
      expect(await app.fetchJson(app.hosted(`${countQuery()}&token=${own}`))).toEqual(aCount);
      const foreign = await generateToken(app.portal, 'https://elsewhere.example');
      expect(await app.fetchJson(app.hosted(`${countQuery()}&token=${foreign}`))).toMatchObject({
        error: { code: 498 },
      });
      expect(queries(app.portal)).toHaveLength(2);
      expect(await app.isPrompting()).toBe(false);
    },
  );

  for (const [name, fields, details] of [
    ['a bad password', { username: 'ana', password: 'wrong' }, ['Invalid username or password.']],
    ['a missing field', { username: 'ana' }, ["'password' must be specified."]],
  ] as const) {
    test(
      `the refusal of ${name} by generateToken is passed on to the page`,
      { tag: ['@J3'] },
      async ({ app }) => {
        const url = `${app.portal.url}/sharing/rest/generateToken`;
        const body = String(new URLSearchParams({ ...fields, client: 'requestip', f: 'json' }));
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        expect(await app.fetchJson(url, { method: 'POST', headers, body })).toMatchObject({
          error: { code: 400, details },
        });
        expect(app.portal.log.entries).toMatchObject([{ method: 'POST', tokenPlacement: 'none' }]);
        expect(await app.isPrompting()).toBe(false);
      },
    );
  }

  test(
    'the refusal of a token that the page brought is passed on, without a prompt',
    { tag: ['@G18'] },
    async ({ app }) => {
      const token = await generateToken(app.portal, app.url);
      const url = app.hosted(`${countQuery()}&token=${token}`);
      expect(await app.fetchJson(url)).toEqual(aCount);
      app.portal.control.expireAccessTokens();
      app.portal.log.clear();
      expect(await app.fetchJson(url)).toMatchObject({ error: { code: 498 } });
      expect(app.portal.log.entries).toHaveLength(1);
      expect(await app.isPrompting()).toBe(false);
    },
  );
});

test(
  'a page of a registered server on the app’s own site is opened by the browser, without a token',
  { tag: ['@C6'] },
  async ({ page, portal }) => {
    const replacements = { __IDENTITY_CONFIG__: '' };
    const server = await startAppServer({
      folders: ['dist/e2e', 'e2e/pages', 'dist'],
      replacements,
      intercept: (path) =>
        path.startsWith('/secured/')
          ? { headers: { 'content-type': 'text/html' }, body: '<p>secured' }
          : undefined,
    });
    portal.addRedirectUri(`${server.url}/signed-in.html`);
    // Known only now: the app's own server is one of the portal's.
    const config = { arcgis: [{ ...registration(portal), resources: [`${server.url}/secured`] }] };
    replacements.__IDENTITY_CONFIG__ = JSON.stringify(JSON.stringify(config)).slice(1, -1);
    const app = new TestApp(page, portal, server.url);
    await app.open();
    await app.signIn('ana');
    const addresses: string[] = [];
    page.context().on('request', (request) => addresses.push(request.url()));
    const secured = `${server.url}/secured/report?f=json`;
    const navigated = await page.goto(secured);
    expect(navigated?.fromServiceWorker()).toBe(false);
    expect(await page.textContent('p')).toBe('secured');
    expect(addresses).toEqual([secured]);
    // Control: what its script fetches there is signed.
    await page.evaluate((url) => fetch(url), secured);
    expect(addresses.some((address) => address.startsWith(`${secured}&token=`))).toBe(true);
    app.expectNothingLeaked();
    await server.close();
  },
);

test.describe('a server that takes its token in a header only', () => {
  test.use({ identityConfig: oauthServer() });

  test(
    'a picture is signed by a header, with and without crossorigin, and reported so',
    { tag: ['@C1', '@C2'] },
    async ({ app }) => {
      await app.open();
      await app.fillIn(await app.openSignInWindow(), 'ana');
      await expect(app.page.getByRole('status')).toContainText('signed in as');
      await app.run(() => {
        document.body.dataset['outcomes'] = '';
        window.identity.addEventListener('activity', ({ activity }) => {
          document.body.dataset['outcomes'] += `${activity.outcome} `;
        });
      });
      await app.loadImage(`${app.portal.oauth.apiUrl}tiles/1.png`);
      await app.loadImage(`${app.portal.oauth.apiUrl}tiles/2.png`, 'anonymous');
      await expect.poll(() => app.run(() => document.body.dataset['outcomes'])).toBe('signed signed ');
      const calls = app.portal.log.requests({ path: /tiles/, method: 'GET' });
      expect(calls.map(({ tokenPlacement }) => tokenPlacement)).toEqual(['authorization', 'authorization']);
    },
  );
});

test.describe('least privilege', () => {
  test.use({
    identityConfig: registeredWith({
      allow: { methods: ['GET'], paths: ['/hosted/AbCdEf/arcgis/rest/services/Countries/'] },
    }),
  });

  test('what is not allowed goes out unsigned', { tag: ['@S9'] }, async ({ app, portal }) => {
    await app.open();
    await app.signInByWindow('ana');
    portal.log.clear();
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    const form = { method: 'POST', body: new URLSearchParams({ f: 'json' }).toString() };
    await app.fetch(app.hosted('Countries/FeatureServer/0/query'), form);
    await app.fetch(app.hosted('Terrain/MapServer?f=json'));
    await app.fetch(`${portal.url}/sharing/rest/community/self?f=json`);
    const signed = portal.log.entries.filter(({ tokenPlacement }) => tokenPlacement !== 'none');
    expect(signed.map(({ path }) => path)).toEqual([
      expect.stringMatching(/Countries\/FeatureServer\/0\/query$/),
    ]);
    expect(portal.log.count({ path: /community\/self$/ })).toBe(1);
  });
});
