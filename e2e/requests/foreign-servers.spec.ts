/** Servers without a registration: no token reaches them, and no request to them waits for the worker. */
import {
  expect,
  openSignedIn,
  registration,
  test as base,
  type IdentityConfig,
} from '../support/fixtures.js';
import { startRawServer, type Exchange, type RawServer } from '../support/raw-server.js';

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';

type Answer = (exchange: Exchange) => void;

/** `own` is a resource of the registration, `foreign` is not; each answers as the test has set it up. */
const test = base.extend<{
  own: RawServer;
  foreign: RawServer;
  answers: Map<string, Answer>;
  identityConfig: IdentityConfig;
}>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from this pattern
  answers: async ({}, use) => {
    await use(new Map());
  },
  own: async ({ answers }, use) => {
    const server = await startRawServer((exchange) => answers.get(exchange.url.pathname)?.(exchange));
    await use(server);
    await server.close();
  },
  foreign: async ({ answers }, use) => {
    const server = await startRawServer((exchange) => answers.get(exchange.url.pathname)?.(exchange));
    await use(server);
    await server.close();
  },
  identityConfig: async ({ own }, use) => {
    await use({
      make: (portal) => ({
        arcgis: [{ ...registration(portal), resources: [portal.hostedUrl, own.origin] }],
      }),
    });
  },
});

test.beforeEach(openSignedIn);

for (const policy of ['unsafe-url', 'no-referrer-when-downgrade']) {
  test(`a style sheet with referrer policy ${policy} passes no token on to what it loads`, async ({
    app,
    own,
    foreign,
    answers,
  }) => {
    answers.set('/style.css', ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/css', 'referrer-policy': policy });
      response.end(`body { background: url("${foreign.origin}/picture.svg"); color: rgb(1, 2, 3) }`);
    });
    answers.set('/picture.svg', ({ response }) =>
      response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(svg),
    );
    await app.run((href) => {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.href = href;
      document.head.append(link);
    }, `${own.origin}/style.css`);
    await expect.poll(() => foreign.requests.length).toBeGreaterThan(0);
    expect(own.requests[0]?.url).toContain('token=');
    expect(await app.run(() => getComputedStyle(document.body).color)).toBe('rgb(1, 2, 3)');
    const told = foreign.requests.map(({ url, headers }) => `${url} ${headers.referer}`).join('\n');
    expect(app.portal.log.leaks(told)).toEqual([]);
  });
}

test('a style sheet of a server without CORS is sent no token', async ({ app, own, answers }) => {
  answers.set('/style.css', ({ response }) => {
    response.removeHeader('access-control-allow-origin');
    response.writeHead(200, { 'content-type': 'text/css' }).end('body { color: rgb(1, 2, 3) }');
  });
  await app.run(
    (href) =>
      new Promise((resolve) => {
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = href;
        link.addEventListener('load', resolve);
        link.addEventListener('error', resolve);
        document.head.append(link);
      }),
    `${own.origin}/style.css`,
  );
  // Shown as it is without a sign-in; what had the token was read by us only.
  expect(await app.run(() => getComputedStyle(document.body).color)).toBe('rgb(1, 2, 3)');
  expect(own.requests.at(-1)?.url).toBe('/style.css');
});

test('a picture of a foreign server does not wait for a self-description that never comes', async ({
  app,
  foreign,
  answers,
}) => {
  let isDescribed = false;
  answers.set('/arcgis/rest/info', ({ response }) =>
    response.on('close', () => {
      isDescribed = true;
    }),
  );
  answers.set('/arcgis/rest/services/World/MapServer/tile/0/0/0', ({ response }) =>
    response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(svg),
  );
  const tile = `${foreign.origin}/arcgis/rest/services/World/MapServer/tile/0/0/0`;
  expect(await app.loadImage(tile)).toBe(9);
  expect(isDescribed).toBe(false);
  expect(foreign.requests.map(({ url }) => url)).toContain('/arcgis/rest/info?f=json');
});
