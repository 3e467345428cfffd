/** What was obtained with a token is nobody else's: not out of the browser's cache, with the worker or past it, after signing out. */
import type { ServerResponse } from 'node:http';
import { expect, registeredWith, signedIn, test, type TestApp, type Weaknesses } from '../support/attack.js';
import { anyOrigin, type MaliciousServer, type ReceivedRequest } from '../support/malicious-server.js';

const SECRET = 'for a user who is signed in';
const kept = { ...anyOrigin, 'cache-control': 'max-age=3600', 'content-type': 'application/json' };

/** Whether a request has a token, wherever it was placed. */
const isSigned = ({ url, headers, body }: ReceivedRequest): boolean =>
  url.searchParams.has('token') || 'authorization' in headers || /token/.test(body);

/** Lets browsers keep its answers for an hour, and does not say that they differ from user to user. */
function serve(received: ReceivedRequest, response: ServerResponse): boolean {
  const { url, method } = received;
  const isRedirect = url.pathname.endsWith('/moved');
  if (method === 'OPTIONS') response.writeHead(200, kept).end();
  else if (isRedirect)
    response
      .writeHead(302, {
        ...anyOrigin,
        location: url.pathname.replace('/moved', '/target') + (url.searchParams.get('to') ?? ''),
      })
      .end();
  else response.writeHead(200, { ...kept, etag: '"1"' }).end(isSigned(received) ? SECRET : 'public');
  return true;
}

/** Requests past the worker: the browser alone answers a synchronous one (docs/limits.md). */
const readPastWorker = (target: TestApp, url: string): Promise<string> =>
  target.run((address) => {
    const request = new XMLHttpRequest();
    request.open('GET', address, false);
    request.send();
    return request.responseText;
  }, url);

const read = async (target: TestApp, url: string, init?: RequestInit): Promise<string> => {
  const seen = await target.fetch(url, init);
  return 'text' in seen ? seen.text : seen.error;
};

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const inHeader = { tokenPlacement: 'header' };

/** How an answer is obtained with a token under an address without. `kept`: the address that it could be kept under. */
const ways: readonly {
  name: string;
  options: Record<string, unknown>;
  path: string;
  keptAt?: string;
  init?: RequestInit;
  /** No browser keeps answers to a POST: there is nothing that the attack could find. */
  isPost?: boolean;
}[] = [
  { name: 'a header', options: inHeader, path: '/rest/services/a?f=json' },
  {
    name: 'a header, force-cache',
    options: inHeader,
    path: '/rest/services/b',
    init: { cache: 'force-cache' },
  },
  { name: 'a header, no-cache', options: inHeader, path: '/rest/services/c', init: { cache: 'no-cache' } },
  { name: 'a header, reload', options: inHeader, path: '/rest/services/d', init: { cache: 'reload' } },
  { name: 'a header, without CORS', options: inHeader, path: '/rest/services/e', init: { mode: 'no-cors' } },
  {
    name: 'a redirect that is followed',
    options: {},
    path: '/rest/services/f/moved',
    keptAt: '/rest/services/f/target',
  },
  {
    name: 'a redirect of an address with a token',
    options: { tokenPlacement: 'query' },
    path: '/rest/services/g/moved?f=json',
    keptAt: '/rest/services/g/target',
  },
  {
    name: 'a redirect that is followed without CORS',
    options: {},
    path: '/rest/services/h/moved',
    keptAt: '/rest/services/h/target',
    init: { mode: 'no-cors' },
  },
  {
    name: 'a redirect of an operation that is sent as a form',
    options: { tokenPlacement: 'form' },
    path: '/rest/services/i/moved?f=json',
    keptAt: '/rest/services/i/target',
  },
  {
    name: 'a form',
    options: {},
    path: '/rest/services/j',
    init: { method: 'POST', headers: form, body: 'f=json' },
    isPost: true,
  },
  {
    name: 'an operation that is sent as a form',
    options: { tokenPlacement: 'form' },
    path: '/rest/services/k?f=json',
    isPost: true,
  },
];

/** Signs by a header, as the worker does where a redirect is followed, and leaves the cache to the browser. */
const careless = (server: MaliciousServer): Weaknesses => ({ more: server.origin, placement: 'header' });

for (const { name, options, path, keptAt = path, init = {}, isPost = false } of ways) {
  test(
    `after signing out nobody is shown an answer out of the browser’s cache: ${name}`,
    { tag: ['@S11'] },
    async ({ variant, vulnerableApp, maliciousServer, portal }) => {
      const server = await maliciousServer({ answer: serve });
      const url = server.origin + path;
      const address = server.origin + keptAt;
      if (!isPost) {
        const careful = await vulnerableApp(careless(server));
        // Without CORS a careless worker cannot sign by a header.
        await read(careful, url);
        expect(await readPastWorker(careful, address), 'control').toBe(SECRET);
      }
      const ours = await signedIn(
        await variant({
          config: registeredWith({ ...options, resources: [portal.hostedUrl, server.origin] }),
        }),
      );
      const before = server.received.length;
      expect(await read(ours, url, init)).toBe(SECRET);
      expect(server.received.slice(before).some(isSigned), 'it was signed').toBe(true);
      // While ana is signed in, pages without the worker get nothing of hers either.
      expect(await readPastWorker(ours, address)).toBe('public');
      await ours.run(() => window.identity.signOut());
      for (const cache of ['default', 'force-cache'] as const) {
        expect(await read(ours, address, { cache })).toBe('public');
        expect(await read(ours, address, { cache, mode: 'no-cors' })).not.toContain(SECRET);
      }
      expect(await readPastWorker(ours, address)).toBe('public');
      portal.control.endSessions();
      await ours.signIn('ben');
      const count = server.received.length;
      expect(await read(ours, url, init)).toBe(SECRET);
      expect(server.received.length, 'ben’s own answer, from the server').toBeGreaterThan(count);
    },
  );
}

test(
  'a signed request is not answered by what the browser has kept for everybody',
  { tag: ['@S11'] },
  async ({ variant, maliciousServer, portal }) => {
    const server = await maliciousServer({ answer: serve });
    const url = `${server.origin}/rest/services/x?f=json`;
    const ours = await variant({
      config: registeredWith({ ...inHeader, resources: [portal.hostedUrl, server.origin] }),
    });
    await ours.open();
    expect(await read(ours, url)).toBe('public');
    expect(await readPastWorker(ours, url)).toBe('public');
    // Control: it is kept.
    expect(server.received.filter(({ method }) => method === 'GET')).toHaveLength(1);
    await ours.signIn('ana');
    for (const cache of ['default', 'force-cache'] as const)
      expect(await read(ours, url, { cache })).toBe(SECRET);
  },
);

test(
  'a picture of the last user is not shown after signing out, in this page, after a reload or in another tab',
  { tag: ['@S11'] },
  async ({ variant, maliciousServer, portal }) => {
    const picture = (size: number): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"/>`;
    const server = await maliciousServer({
      answer: (received, response) => {
        response
          .writeHead(200, { ...kept, 'content-type': 'image/svg+xml' })
          .end(picture(isSigned(received) ? 7 : 3));
        return true;
      },
    });
    for (const options of [inHeader, {}]) {
      const ours = await signedIn(
        await variant({
          config: registeredWith({ ...options, resources: [portal.hostedUrl, server.origin] }),
        }),
      );
      const url = `${server.origin}/rest/picture.svg?${JSON.stringify(options).length}`;
      expect(await ours.loadImage(url)).toBe(7);
      await ours.run(() => window.identity.signOut());
      const tab = await ours.newTab();
      expect(await tab.loadImage(url)).toBe(3);
      await ours.page.reload();
      await ours.ready();
      expect(await ours.loadImage(url)).toBe(3);
    }
  },
);
