/** Addresses that look like the portal's to a user, to careless code, or to the server behind them. */
import { chromiumArgs } from '../../scripts/chromium.js';
import { startTwoSchemes } from '../support/two-schemes.js';
import {
  expect,
  registeredWith,
  signedIn,
  test,
  type IdentityConfig,
  type Weaknesses,
  type Portal,
  type TestApp,
} from '../support/attack.js';
import { anyOrigin } from '../support/malicious-server.js';

// Real names for hosts of the attacker: the browser resolves them to this machine, where the portal's own log sees them.
test.use({
  launchOptions: async ({ launchOptions }, use) => {
    const rules = ['evil.test', '*.evil.test'].map((host) => `MAP ${host} 127.0.0.1`).join(',');
    await use({
      ...launchOptions,
      args: [...chromiumArgs, `--host-resolver-rules=${rules}`, '--ignore-certificate-errors'],
    });
  },
});

const portOf = (portal: Portal): string => new URL(portal.url).port;
const services = (portal: Portal): string => new URL(portal.hostedUrl).pathname;
const layer = '/Countries/FeatureServer/0/query?f=json&where=1%3D1&returnCountOnly=true';

/** The portal's hosted services under a name of their own. */
const named: IdentityConfig = {
  make: (portal) =>
    registeredWith({ resources: [`http://gis.localhost:${portOf(portal)}${services(portal)}`] }).make(portal),
};
test.use({ identityConfig: named });

/** Requests an address in every way that a page has. @returns Labels of secrets that were sent there. */
async function ask(target: TestApp, url: string): Promise<string[]> {
  const { log } = target.portal;
  log.clear();
  await target.fetch(url);
  await target.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'f=json',
  });
  await target.loadImage(url);
  await target.loadImage(url, 'anonymous');
  const { host, pathname } = new URL(url);
  const asked = log.requests({
    where: ({ requestHeaders, path }) =>
      requestHeaders['host'] === host && pathname.startsWith(path.slice(0, pathname.length)),
  });
  expect(asked.length, 'the address was reached').toBeGreaterThan(0);
  return asked.flatMap(({ secrets }) => secrets);
}

interface LookAlike {
  name: string;
  /** The careless way to match addresses that takes it for the portal's. */
  match: NonNullable<Weaknesses['match']>;
  urls: (portal: Portal) => string[];
}

const atHost = (host: string) => (portal: Portal) => [
  `http://${host}:${portOf(portal)}${services(portal)}${layer}`,
];

const hosts: readonly LookAlike[] = [
  {
    name: 'a host that begins with the portal’s',
    match: 'beginning',
    urls: atHost('gis.localhost.evil.test'),
  },
  { name: 'a host that ends with the portal’s', match: 'suffix', urls: atHost('evil-gis.localhost') },
  { name: 'a host below the portal’s', match: 'suffix', urls: atHost('x.gis.localhost') },
  { name: 'the domain above the portal’s', match: 'parent', urls: atHost('localhost') },
  { name: 'the portal’s host with a trailing dot', match: 'everything', urls: atHost('gis.localhost.') },
  { name: 'an international name that looks the same', match: 'everything', urls: atHost('gіs.localhost') },
  {
    name: 'another host name of the portal’s machine',
    match: 'everything',
    urls: (portal) => [`http://gis.localhost:${portOf(portal)}/portal/sharing/rest/portals/self?f=json`],
  },
  {
    name: 'another port of the portal’s host',
    match: 'hostname',
    urls: ({ foreign, hostedUrl }) => [
      `http://gis.localhost:${new URL(foreign.origin).port}${new URL(hostedUrl).pathname}${layer}`,
    ],
  },
  {
    name: 'an address with the portal’s in its path, query or fragment',
    match: 'includes',
    urls: (portal) => {
      const { host, pathname } = new URL(portal.url);
      const evil = `http://evil.test:${portOf(portal)}`;
      return [
        `${evil}/${host}${pathname}/sharing/rest`,
        `${evil}/x?u=${host}${pathname}/`,
        `${evil}/x#${host}${pathname}/`,
      ];
    },
  },
];

const atOrigin =
  (...paths: string[]) =>
  ({ origin }: Portal): string[] =>
    paths.map((path) => origin + path);

const paths: readonly LookAlike[] = [
  {
    name: 'a longer name of the portal’s folder',
    match: 'startsWith',
    urls: atOrigin('/portal2/sharing/rest/x', '/portal/sharing2/x', '/portal-evil/sharing/x'),
  },
  {
    name: 'what answers beside the sharing API',
    match: 'startsWith',
    urls: atOrigin('/portal/home/x', '/portal/x'),
  },
  {
    name: 'the path in other cases',
    match: 'caseless',
    urls: atOrigin('/PORTAL/sharing/rest/x', '/Portal/Sharing/x'),
  },
  {
    name: 'a path with slashes encoded once or twice',
    match: 'decoded',
    urls: atOrigin('/portal%2Fsharing/rest/x', '/portal%252fsharing/rest/x'),
  },
  {
    name: 'a path with encoded backslashes',
    match: 'decoded',
    urls: atOrigin('/portal%5Csharing/rest/x', '/portal%255csharing/rest/x'),
  },
  {
    name: 'a path with doubled slashes',
    match: 'decoded',
    urls: atOrigin('//portal/sharing/rest/x', '/portal//sharing/rest/x'),
  },
  {
    name: 'a path with steps upwards in encodings that browsers leave alone',
    match: 'startsWith',
    urls: atOrigin(
      '/portal/sharing/..%2f..%2fevil/x',
      '/portal/sharing/..%5c..%5cevil/x',
      '/portal/sharing/%252e%252e/%252e%252e/evil/x',
      '/portal/sharing/..%c0%af..%c0%afevil/x',
    ),
  },
  {
    name: 'a path with steps upwards and path parameters',
    match: 'startsWith',
    urls: atOrigin('/portal/sharing/..;/..;/evil/x', '/portal/sharing/..;a=b/..;c/evil/x'),
  },
  {
    name: 'a path with control characters',
    match: 'startsWith',
    urls: atOrigin('/portal/sharing/%00/../x%00', '/portal/sharing/x%0d%0ax', '/portal/sharing/%09x'),
  },
];

for (const { name, match, urls } of [...hosts, ...paths]) {
  test(`no token goes to ${name}`, { tag: ['@S4'] }, async ({ app, vulnerableApp, portal }) => {
    const vulnerable = await vulnerableApp({
      match,
      more: `http://gis.localhost:${portOf(portal)}${services(portal)}`,
    });
    await signedIn(app);
    // The real one is signed.
    expect(await ask(app, `http://gis.localhost:${portOf(portal)}${services(portal)}${layer}`)).not.toEqual(
      [],
    );
    for (const url of urls(portal)) {
      expect(await ask(vulnerable, url), `control: ${url}`).not.toEqual([]);
      expect(await ask(app, url), url).toEqual([]);
    }
    expect(await app.isPrompting()).toBe(false);
  });
}

test(
  'no token goes to an address whose steps upwards the browser resolves',
  { tag: ['@S4'] },
  async ({ app, vulnerableApp, portal }) => {
    const signsAll = await vulnerableApp({ match: 'everything' });
    await signedIn(app);
    for (const path of [
      '/portal/sharing/../../evil/x',
      '/portal/sharing/%2e%2e/%2E./evil/x',
      '/portal\\sharing\\..\\..\\evil\\x',
    ]) {
      const url = new URL(portal.origin + path).href;
      expect(url).toBe(`${portal.origin}/evil/x`);
      expect(await ask(signsAll, portal.origin + path)).not.toEqual([]);
      expect(await ask(app, portal.origin + path)).toEqual([]);
    }
  },
);

test(
  'no token goes to an address with the portal’s host as the user of another',
  { tag: ['@S4'] },
  async ({ app, vulnerableApp, portal }) => {
    const { host } = new URL(portal.url);
    const url = `http://${host.replace(':', '%3A')}@evil.test:${portOf(portal)}/portal/sharing/rest/x`;
    const attack = async (target: TestApp): Promise<string[]> => {
      portal.log.clear();
      await target.fetch(url);
      await target.loadImage(url);
      // By way of a redirect of the browser's own, too.
      await target.loadImage(`${portal.hostedUrl}/Redirect?to=${encodeURIComponent(url)}`);
      return portal.log
        .requests({ where: ({ requestHeaders }) => requestHeaders['host']?.startsWith('evil.test') ?? false })
        .flatMap(({ secrets }) => secrets);
    };
    await signedIn(app);
    expect(await attack(app)).toEqual([]);
    // Control: browsers hand such an address to no worker; the address that it resolves to is signed.
    expect(await attack(await vulnerableApp({ match: 'includes' }))).toEqual([]);
    expect(await ask(await vulnerableApp({ match: 'everything' }), url.replace(/\/\/.*@/, '//'))).not.toEqual(
      [],
    );
  },
);

test(
  'no token goes to the portal’s address with http in place of https',
  { tag: ['@S3', '@S4'] },
  async ({ variant, vulnerableApp, portal }) => {
    const received: { url: string; leaks: string[] }[] = [];
    const server = await startTwoSchemes((request, response) => {
      const scheme = 'encrypted' in request.socket ? 'https' : 'http';
      const headers = JSON.stringify(request.headers);
      received.push({ url: scheme + request.url, leaks: portal.log.leaks(`${request.url} ${headers}`) });
      response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' }).end('{}');
    });
    const folder = `://gis.evil.test:${server.port}/rest/services/`;
    /** Labels of what was sent by that scheme, in every way in which a page makes a request. */
    const sent = async (target: TestApp, scheme: 'http' | 'https'): Promise<string[]> => {
      received.length = 0;
      await target.fetch(`${scheme}${folder}x/FeatureServer/0?f=json`);
      await target.loadImage(`${scheme}${folder}x/MapServer/tile/0/0/0`);
      await target.loadImage(`${scheme}${folder}x/MapServer/tile/0/0/0`, 'anonymous');
      expect(received.filter(({ url }) => url.startsWith(`${scheme}/`)).length).toBeGreaterThan(1);
      return received.flatMap(({ leaks }) => leaks);
    };
    expect(
      await sent(await vulnerableApp({ match: 'includes', more: `https${folder}` }), 'http'),
      'control',
    ).not.toEqual([]);
    const ours = await signedIn(
      await variant({ config: registeredWith({ resources: [portal.hostedUrl, `https${folder}`] }) }),
    );
    expect(await sent(ours, 'https')).not.toEqual([]);
    expect(await sent(ours, 'http')).toEqual([]);
    await server.close();
  },
);
