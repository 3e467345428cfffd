/** `npx identity-worker doctor`: a good site, and sites that each have one fault. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AppServerOptions } from '../../demo/app-server.js';
import { expect, serveApp, test as base, type Portal } from '../support/fixtures.js';
import { run } from '../support/command-line.js';

const html = { 'content-type': 'text/html' };
const appPage =
  '<!doctype html><title>App</title><div id="app"></div><script type="module" src="/page.js"></script>';

interface Variation {
  intercept?: AppServerOptions['intercept'];
  headers?: Record<string, string>;
  isSealed?: boolean;
  config?: Record<string, unknown>;
}

/** The test app, served with a fault. */
const test = base.extend<{ examine: (variation: Variation, ...args: string[]) => Promise<string> }>({
  examine: async ({ portal }, use) => {
    await use(async ({ config, ...variation }, ...args) => {
      const app = await serveApp(portal, {
        ...variation,
        ...(config
          ? { config: { make: (of: Portal) => ({ arcgis: [{ ...registration(of), ...config }] }) } }
          : {}),
      });
      const { exitCode, text } = await run(['doctor', `${app.url}/`, ...args]);
      await app.close();
      expect(exitCode, text).toBe(/^FAIL/m.test(text) ? 1 : 0);
      return text;
    });
  },
});

const registration = (portal: Portal): Record<string, unknown> => ({
  url: portal.url,
  clientId: 'idw-demo',
  redirectUri: '/signed-in.html',
});

test('a site that is well passes, in the browser too', async ({ examine }) => {
  const text = await examine({});
  expect(text).toContain('Nothing is wrong; 0 warnings.');
  for (const line of [
    'Worker: /worker.js is a script.',
    'Redirect URI: /signed-in.html is a page with the library.',
    'accepts the client id with http://localhost:',
    'Browser: the worker /worker.js runs.',
  ])
    expect(text).toContain(line);
});

test('a sealed site that is well passes', async ({ examine }) => {
  const text = await examine({ isSealed: true, config: { persistence: 'sealed' } }, '--no-browser');
  expect(text).toContain('Seal: the script is sealed, its cookie is whole, other workers are refused.');
  expect(text).not.toContain('FAIL');
});

/** What is wrong → the site, and what the doctor has to say of it. */
const broken: Record<string, [variation: Variation, finding: RegExp]> = {
  'no worker at its path': [
    at('/worker.js', { status: 404, body: '' }),
    /Worker: \/worker\.js answers 404\.\n.*Put the built worker there/,
  ],
  'the app in place of the worker': [
    at('/worker.js', { headers: html, body: appPage }),
    /answered with a page \(text\/html\).*\n.*except its path/,
  ],
  'a worker behind a login': [
    at('/worker.js', { status: 302, headers: { location: 'https://login.example/?a=b' }, body: '' }),
    /redirects to https:\/\/login\.example\/:/,
  ],
  'a worker that needs credentials': [
    at('/worker.js', { status: 401, body: '' }),
    /answers 401.*\n.*without a login/,
  ],
  'a worker of a wrong type': [
    at('/worker.js', { headers: { 'content-type': 'text/plain' }, body: '' }),
    /has the type "text\/plain"/,
  ],
  'a worker without ours': [
    at('/worker.js', { headers: { 'content-type': 'text/javascript' }, body: '// none' }),
    /has no Identity Worker in it/,
  ],
  'no callback page': [
    at('/signed-in.html', { status: 404, body: '' }),
    /signed-in\.html answers 404.*\n.*Vite builds index\.html alone/,
  ],
  'the app at every address': [
    { intercept: (path) => (path.endsWith('.html') ? { headers: html, body: appPage } : undefined) },
    /Redirect URI: \/signed-in\.html is answered with the app's page/,
  ],
  'a callback page without the library': [
    at('/signed-in.html', { headers: html, body: '<p>Done' }),
    /a page without the library.*\n.*completeSignIn/,
  ],
  'a policy that forbids the worker': [
    { headers: { 'content-security-policy': "worker-src 'none'" } },
    /worker-src of the page forbids the worker/,
  ],
  'a policy that forbids the portal': [
    { headers: { 'content-security-policy': "default-src 'self'" } },
    /default-src of the page forbids requests to the portal/,
  ],
  'an isolated page without its worker': [
    {
      intercept: (path) =>
        path === '/'
          ? { headers: { ...html, 'cross-origin-embedder-policy': 'credentialless' }, body: appPage }
          : undefined,
    },
    /pages have credentialless, and the worker's script has none/,
  ],
  'a worker that is not sealed': [{ config: { persistence: 'sealed' } }, /gives the script to everybody/],
  'a client id that the portal does not know': [
    { config: { clientId: 'other' } },
    /does not know the client id "other"/,
  ],
  'a redirect URI that is not registered': [
    { config: { redirectUri: '/index.html' } },
    /index\.html is not registered with the client id/,
  ],
  'a portal that is down': [
    { config: { url: 'http://127.0.0.1:9/portal' } },
    /Portal: http:\/\/127\.0\.0\.1:9 cannot be reached/,
  ],
};

function at(
  path: string,
  answer: { status?: number; headers?: Record<string, string>; body: string },
): Variation {
  return { intercept: (asked) => (asked === path ? answer : undefined) };
}

test('each fault of a site is found, with what to do', async ({ examine }) => {
  for (const [name, [variation, finding]] of Object.entries(broken)) {
    const text = await examine(variation, '--no-browser');
    expect(text, name).toMatch(finding);
    expect(text, name).toMatch(/^FAIL/m);
  }
});

test('a site that is down, elsewhere, or not of this library is told as such', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/login') response.writeHead(302, { location: 'https://login.example/' });
    else if (request.url === '/file') response.writeHead(200, { 'content-type': 'application/pdf' });
    else if (request.url === '/gone') response.writeHead(410);
    else if (request.url === '/round') response.writeHead(302, { location: '/round' });
    else response.writeHead(200, html);
    response.end('<script>console.log("no maps here")</script>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [path, message] of [
    ['/', 'has no identity-worker: none of its 1 scripts has the library'],
    ['/login', 'redirects to another site, https://login.example'],
    ['/file', 'is no page: its type is "application/pdf"'],
    ['/gone', 'answers 410'],
    ['/round', 'redirects again and again'],
  ]) {
    const { exitCode, text } = await run(['doctor', origin + path]);
    expect(text).toContain(message);
    expect(exitCode).toBe(1);
  }
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  expect(await run(['doctor', origin])).toMatchObject({
    exitCode: 1,
    text: expect.stringContaining('nothing listens there'),
  });
});
