/** Which registration matches a URL: exact origins, whole path segments, and no look-alike. */
import { describe, expect, test } from 'vitest';
import { arcgisEnterprise, arcgisOnline } from './arcgis.js';
import { oauthServer } from './oauth-server.js';
import type { PortalRegistration } from './portal.js';
import { resolvePortals } from './portal.js';
import { addServer, PortalIndex, serverRootOf } from './portal-index.js';

const base = { clientId: 'app', redirectUri: '/signed-in.html' };
const enterpriseWith = (changes: object = {}): PortalRegistration =>
  arcgisEnterprise({ url: 'https://gis.example.org/portal', ...base, ...changes });
const apiWith = (changes: object = {}): PortalRegistration =>
  oauthServer({
    issuer: 'https://id.example.org',
    resources: ['https://api.example.org/v1/'],
    ...base,
    ...changes,
  });
const portalIndex = (...registrations: PortalRegistration[]): PortalIndex =>
  new PortalIndex(resolvePortals(registrations, 'https://app.example/'));

const enterprise = enterpriseWith({ servers: ['https://gis.example.org/server'] });

/** The portal whose token a URL takes, with the server it is exchanged for. */
const claimOf = (all: PortalIndex, url: string): string | undefined => {
  const target = all.match(new URL(url));
  return (
    target && `${target.portal.url}${target.serverRoot === undefined ? '' : ` for ${target.serverRoot}`}`
  );
};

describe('a portal with a federated server', () => {
  const all = portalIndex(enterprise);

  test.each([
    'https://gis.example.org/portal/sharing/rest/portals/self',
    'https://gis.example.org/portal/sharing/',
    'https://gis.example.org/portal/sharing',
    'https://gis.example.org/portal/sharing/rest/content/items/1?f=json#x',
    'https://GIS.EXAMPLE.ORG/portal/sharing/rest',
    'https://gis.example.org:443/portal/sharing/rest',
    'https://gis.example.org/x/../portal/sharing/rest',
    'https://gis.example.org/portal/./sharing/rest',
    'https://gis.example.org\\portal\\sharing\\rest',
  ])('gives the portal token to %s', (url) => {
    expect(claimOf(all, url)).toBe('https://gis.example.org/portal');
  });

  test.each([
    'https://gis.example.org/server',
    'https://gis.example.org/server/rest/services/x/MapServer/tile/0/0/0',
    'https://gis.example.org/portal/sharing/../../server/rest/services',
    'https://gis.example.org/portal/sharing/%2e%2e/%2E./server/rest/services',
  ])('gives the server its own token at %s', (url) => {
    expect(claimOf(all, url)).toBe('https://gis.example.org/portal for https://gis.example.org/server');
  });

  test.each([
    ['a suffix host', 'https://gis.example.org.evil.example/portal/sharing/rest'],
    ['a prefix host', 'https://evilgis.example.org/portal/sharing/rest'],
    ['a subdomain', 'https://evil.gis.example.org/portal/sharing/rest'],
    ['the parent domain', 'https://example.org/portal/sharing/rest'],
    ['a host whose dots are other letters', 'https://gisxexample.org/portal/sharing/rest'],
    ['the host as user', 'https://gis.example.org@evil.example/portal/sharing/rest'],
    ['the host as user and port', 'https://gis.example.org:443@evil.example/portal/sharing/rest'],
    ['the host in the path', 'https://evil.example/gis.example.org/portal/sharing/rest'],
    ['the host in the query', 'https://evil.example/?https://gis.example.org/portal/sharing/rest'],
    ['the host in the fragment', 'https://evil.example/#https://gis.example.org/portal/sharing/rest'],
    ['another port', 'https://gis.example.org:444/portal/sharing/rest'],
    ['http', 'http://gis.example.org/portal/sharing/rest'],
    ['http at the port of https', 'http://gis.example.org:443/portal/sharing/rest'],
    ['a web socket', 'wss://gis.example.org/portal/sharing/rest'],
    ['a trailing dot', 'https://gis.example.org./portal/sharing/rest'],
    ['a letter of another script', 'https://gіs.example.org/portal/sharing/rest'],
    ['punycode of it', 'https://xn--gs-jlc.example.org/portal/sharing/rest'],
    ['a backslash before the host', 'https:\\\\evil.example\\gis.example.org/portal/sharing/rest'],
    ['a longer segment', 'https://gis.example.org/portal2/sharing/rest'],
    ['a longer segment below', 'https://gis.example.org/portal/sharing2/rest'],
    ['a longer server segment', 'https://gis.example.org/server2/rest/services'],
    ['an upper-case path', 'https://gis.example.org/PORTAL/sharing/rest'],
    ['the rest of the portal', 'https://gis.example.org/portal/home/index.html'],
    ['the root', 'https://gis.example.org/'],
    ['an encoded slash', 'https://gis.example.org/portal%2Fsharing/rest'],
    ['an encoded slash within the prefix', 'https://gis.example.org/portal/sharing%2Frest'],
    ['an encoded backslash', 'https://gis.example.org/portal%5Csharing/rest'],
    ['a path that leaves the prefix', 'https://gis.example.org/portal/sharing/../home/x'],
    ['a path that leaves it encoded', 'https://gis.example.org/portal/sharing/%2e%2e/home/x'],
    ['a doubled slash', 'https://gis.example.org//portal/sharing/rest'],
    ['a path parameter', 'https://gis.example.org/portal;x/sharing/rest'],
    ['data:', 'data:text/html,https://gis.example.org/portal/sharing/rest'],
    ['blob:', 'blob:null/https://gis.example.org/portal/sharing/rest'],
    ['a file', 'file:///portal/sharing/rest'],
  ])('gives nothing to %s', (_, url) => {
    expect(claimOf(all, url)).toBeUndefined();
  });
});

describe('a portal with an internationalised host', () => {
  const all = portalIndex(arcgisEnterprise({ ...base, url: 'https://karten.bücher.example/portal' }));

  test.each([
    'https://karten.bücher.example',
    'https://karten.xn--bcher-kva.example',
    'https://KARTEN.BÜCHER.example',
  ])('owns %s', (origin) => {
    expect(all.match(new URL(`${origin}/portal/sharing/rest`))).toBeDefined();
  });

  test.each(['https://karten.bucher.example', 'https://karten.xn--bucher-kva.example'])(
    'does not own %s',
    (origin) => {
      expect(URL.canParse(`${origin}/`) && all.match(new URL(`${origin}/portal/sharing/rest`))).toBeFalsy();
    },
  );
});

describe('prefixes inside each other', () => {
  test('the longest wins, whatever their order', () => {
    const servers = [
      'https://gis.example.org/a',
      'https://gis.example.org/a/b/c',
      'https://gis.example.org/a/b',
    ];
    for (const order of [servers, servers.toReversed()]) {
      const all = portalIndex(
        arcgisEnterprise({ ...base, url: 'https://gis.example.org/portal', servers: order }),
      );
      expect(all.match(new URL('https://gis.example.org/a/b/c/d'))?.serverRoot).toBe(
        'https://gis.example.org/a/b/c',
      );
      expect(all.match(new URL('https://gis.example.org/a/b/cd'))?.serverRoot).toBe(
        'https://gis.example.org/a/b',
      );
      expect(all.match(new URL('https://gis.example.org/a/x'))?.serverRoot).toBe('https://gis.example.org/a');
    }
  });

  test('a server root has no trailing slash: it names the credential', () => {
    const all = portalIndex(
      arcgisEnterprise({
        ...base,
        url: 'https://gis.example.org/portal',
        servers: ['https://gis.example.org/server/'],
      }),
    );
    expect(all.match(new URL('https://gis.example.org/server/rest'))?.serverRoot).toBe(
      'https://gis.example.org/server',
    );
  });

  test('a server that is found later is owned from then on', () => {
    const all = portalIndex(enterprise);
    const [portal] = all.portals;
    expect(claimOf(all, 'https://imagery.example.org/image/rest/services')).toBeUndefined();
    if (portal) addServer(all, portal, 'https://imagery.example.org/image');
    expect(claimOf(all, 'https://imagery.example.org/image/rest/services')).toBe(
      'https://gis.example.org/portal for https://imagery.example.org/image',
    );
    expect(claimOf(all, 'https://imagery.example.org/other')).toBeUndefined();
  });

  test('a server that is found later takes nothing from a registration', () => {
    const all = portalIndex(
      enterprise,
      arcgisEnterprise({ ...base, url: 'https://other.example.org/portal' }),
    );
    const other = all.byUrl('https://other.example.org/portal');
    if (other) addServer(all, other, 'https://gis.example.org/server');
    expect(claimOf(all, 'https://gis.example.org/server/rest')).toBe(
      'https://gis.example.org/portal for https://gis.example.org/server',
    );
  });
});

test('a server that is found around the path of another portal leaves that path to it', () => {
  const all = portalIndex(
    enterprise,
    apiWith({ resources: ['https://imagery.example.org/image/rest/services/x/'] }),
  );
  const owner = all.byUrl('https://gis.example.org/portal');
  if (owner) addServer(all, owner, 'https://imagery.example.org/image');
  expect(claimOf(all, 'https://imagery.example.org/image/rest/services/x/ImageServer')).toBe(
    'https://id.example.org',
  );
  expect(claimOf(all, 'https://imagery.example.org/image/rest/services/y')).toBe(
    'https://gis.example.org/portal for https://imagery.example.org/image',
  );
});

describe('ArcGIS Online', () => {
  const all = portalIndex(arcgisOnline(base));

  test.each([
    'https://www.arcgis.com/sharing/rest/portals/self',
    'https://www.arcgis.com/sharing',
    'https://city.maps.arcgis.com/sharing/rest/content/items/1',
    'https://services.arcgis.com/AbC/arcgis/rest/services/x/FeatureServer',
    'https://services3.arcgis.com/AbC/ArcGIS/rest/services',
    'https://tiles.arcgis.com/tiles/AbC/arcgis/rest/services/x/MapServer/tile/0/0/0',
    'https://basemapstyles-api.arcgis.com/arcgis/rest/services/styles/v2',
    'https://utility.arcgis.com/usrsvcs/servers/1/rest/services',
    'https://SERVICES.arcgis.com:443/AbC',
  ])('gives its token to %s', (url) => {
    expect(claimOf(all, url)).toBe('https://www.arcgis.com');
  });

  test.each([
    ['the bare domain', 'https://arcgis.com/sharing/rest'],
    ['a host that only ends alike', 'https://evilarcgis.com/sharing/rest'],
    ['a suffix host', 'https://services.arcgis.com.evil.example/AbC'],
    ['a prefix host', 'https://services.arcgis.com.evil/AbC'],
    ['the suffix in the path', 'https://evil.example/services.arcgis.com/'],
    ['the suffix as user', 'https://services.arcgis.com@evil.example/'],
    ['a trailing dot', 'https://services.arcgis.com./AbC'],
    ['http', 'http://services.arcgis.com/AbC'],
    ['another port', 'https://services.arcgis.com:8443/AbC'],
    ['another domain of the maker', 'https://services.arcgisonline.com/arcgis/rest/services'],
    ['another country', 'https://services.arcgis.com.cn/AbC'],
    ['letters of another script', 'https://services.аrcgis.com/AbC'],
    ['the script CDN', 'https://js.arcgis.com/4.30/'],
    ['static files', 'https://static.arcgis.com/attribution'],
    ['public elevation', 'https://elevation3d.arcgis.com/arcgis/rest/services'],
    ['the file CDN', 'https://cdn.arcgis.com/sharing/rest/content'],
    ['the developers site', 'https://developers.arcgis.com/sharing/rest'],
    ['the documentation', 'https://doc.arcgis.com/en/'],
    ['the web site', 'https://www.arcgis.com/home/item.html'],
    ['the web site of an organisation', 'https://city.maps.arcgis.com/apps/mapviewer'],
    ['a look-alike of the sharing API', 'https://www.arcgis.com/sharing2/rest'],
    ['the sharing API in the wrong place', 'https://www.arcgis.com/home/sharing/rest'],
    ['devext', 'https://devext.arcgis.com/sharing/rest'],
    ['qaext', 'https://qaext.arcgis.com/sharing/rest'],
    ['an organisation of devext', 'https://city.mapsdevext.arcgis.com/sharing/rest'],
    ['an organisation of qa', 'https://city.mapsqa.arcgis.com/sharing/rest'],
  ])('gives nothing to %s', (_, url) => {
    expect(claimOf(all, url)).toBeUndefined();
  });

  test('a host whose name only begins like a file host is a service', () => {
    expect(claimOf(all, 'https://static-map-tiles-api.arcgis.com/arcgis/rest')).toBe(
      'https://www.arcgis.com',
    );
    expect(claimOf(all, 'https://documents.arcgis.com/x')).toBe('https://www.arcgis.com');
  });

  test('a registration of a host of its own wins over the suffix', () => {
    const both = portalIndex(
      arcgisOnline(base),
      oauthServer({
        ...base,
        issuer: 'https://id.example.org',
        resources: ['https://services.arcgis.com/mine/'],
      }),
    );
    expect(claimOf(both, 'https://services.arcgis.com/mine/x')).toBe('https://id.example.org');
    expect(claimOf(both, 'https://services.arcgis.com/theirs/x')).toBe('https://www.arcgis.com');
  });

  test('without it no host of its domain is owned', () => {
    expect(claimOf(portalIndex(enterprise), 'https://services.arcgis.com/AbC')).toBeUndefined();
  });
});

describe('any paths of one origin', () => {
  /** Every path of up to three of these segments; the letters around the slash decide an order by letters. */
  const segments = ['x', 'x-y', 'x!', 'x0', 'y'];
  const paths = [
    '',
    ...segments,
    ...segments.flatMap((a) => segments.map((b) => `${a}/${b}`)),
    'x/y/x',
    'x/',
  ];
  const of = (issuer: number, ...resources: string[]): PortalRegistration =>
    apiWith({
      issuer: `https://id${issuer}.example.org`,
      resources: resources.map((path) => `https://api.example.org/${path}`),
    });
  const liesUnder = (path: string, prefix: string): boolean =>
    prefix === '' || `${path}/`.replace('//', '/').startsWith(`${prefix}/`.replace('//', '/'));

  test('two portals overlap where one path lies under the other, whatever else they own', () => {
    for (const a of paths)
      for (const b of paths) {
        const isRefused = liesUnder(a, b) || liesUnder(b, a);
        const make = (): PortalIndex => portalIndex(of(1, a, 'x-'), of(2, 'y!', b), of(3, 'z', 'x.'));
        const refusal: Error = expect.objectContaining({ code: 'registrations-overlap' });
        if (isRefused) expect(make, `${a} and ${b}`).toThrow(refusal);
        else expect(make, `${a} and ${b}`).not.toThrow();
      }
  });

  test('a path belongs to the portal whose path it lies under', () => {
    const all = portalIndex(of(1, 'x', 'x/y'), of(2, 'x-y', 'x0/y'), of(3, 'x!', 'y/x/'));
    for (const path of paths) {
      const owner = [['x'], ['x-y', 'x0/y'], ['x!', 'y/x']].findIndex((own) =>
        own.some((prefix) => liesUnder(path, prefix)),
      );
      expect(claimOf(all, `https://api.example.org/${path}`), path).toBe(
        owner < 0 ? undefined : `https://id${owner + 1}.example.org`,
      );
    }
  });
});

describe('overlap', () => {
  test.each<[name: string, registrations: PortalRegistration[]]>([
    ['the same portal twice', [enterpriseWith(), enterpriseWith({ clientId: 'another' })]],
    [
      'two spellings of one portal',
      [enterpriseWith(), enterpriseWith({ url: 'https://GIS.example.org/portal/home/' })],
    ],
    [
      'a resource inside a portal',
      [enterpriseWith(), apiWith({ resources: ['https://gis.example.org/portal/sharing/rest/content'] })],
    ],
    ['a resource around a portal', [enterpriseWith(), apiWith({ resources: ['https://gis.example.org/'] })]],
    [
      'a resource around a portal, given first',
      [apiWith({ resources: ['https://gis.example.org/'] }), enterpriseWith()],
    ],
    [
      'a resource with and without its slash',
      [apiWith(), apiWith({ issuer: 'https://id2.example.org', resources: ['https://api.example.org/v1'] })],
    ],
    [
      'a server inside a resource',
      [apiWith(), enterpriseWith({ servers: ['https://api.example.org/v1/server'] })],
    ],
    [
      'one server in two portals',
      ['a', 'b'].map((name) =>
        enterpriseWith({
          url: `https://gis.example.org/${name}`,
          servers: ['https://gis.example.org/server'],
        }),
      ),
    ],
    [
      'two host suffixes',
      [arcgisOnline(base), (scope: string) => ({ ...apiWith()(scope), hostSuffix: '.example.org' })],
    ],
    ['one issuer twice', [apiWith(), apiWith({ resources: ['https://api.example.org/v2/'] })]],
    [
      'ArcGIS Online twice',
      [arcgisOnline(base), arcgisOnline({ ...base, url: 'https://city.maps.arcgis.com' })],
    ],
  ])('of %s is refused', (_, registrations) => {
    expect(() => portalIndex(...registrations)).toThrow(
      expect.objectContaining({ code: 'registrations-overlap' }),
    );
  });

  test.each<[name: string, registrations: PortalRegistration[]]>([
    [
      'two portals of one host',
      [enterpriseWith(), enterpriseWith({ url: 'https://gis.example.org/portal2' })],
    ],
    ['one path at two hosts', [enterpriseWith(), enterpriseWith({ url: 'https://gis2.example.org/portal' })]],
    [
      'one path at two ports',
      [enterpriseWith(), enterpriseWith({ url: 'https://gis.example.org:7443/portal' })],
    ],
    [
      'paths that share letters',
      [
        apiWith(),
        apiWith({ issuer: 'https://id2.example.org', resources: ['https://api.example.org/v12/'] }),
      ],
    ],
    [
      'a portal and its own server inside it',
      [enterpriseWith({ servers: ['https://gis.example.org/portal/sharing/server'] })],
    ],
    ['all kinds side by side', [enterpriseWith(), apiWith(), arcgisOnline(base)]],
  ])('is not seen in %s', (_, registrations) => {
    expect(portalIndex(...registrations).portals).toHaveLength(registrations.length);
  });

  test('names the origin that both own', () => {
    expect(() =>
      portalIndex(enterpriseWith(), apiWith(), apiWith({ issuer: 'https://id2.example.org' })),
    ).toThrow(expect.objectContaining({ facts: { origin: 'https://api.example.org' } }));
  });
});

test('finds the right one among 1,000 registrations, and none for a URL that is registered nowhere', () => {
  const all = portalIndex(
    ...Array.from({ length: 1000 }, (_, i) =>
      arcgisEnterprise({ ...base, url: `https://gis${i}.example.org/portal${i}` }),
    ),
  );
  for (const i of [0, 1, 500, 999]) {
    expect(claimOf(all, `https://gis${i}.example.org/portal${i}/sharing/rest`)).toBe(
      `https://gis${i}.example.org/portal${i}`,
    );
  }
  expect(claimOf(all, 'https://gis7.example.org/portal8/sharing/rest')).toBeUndefined();
  expect(claimOf(all, 'https://gis1000.example.org/portal1000/sharing/rest')).toBeUndefined();
});

test('knows portals by their normalised URL only', () => {
  const all = portalIndex(enterprise);
  expect(all.byUrl('https://gis.example.org/portal')?.url).toBe('https://gis.example.org/portal');
  expect(all.byUrl('https://gis.example.org/portal/')).toBeUndefined();
  expect(all.byUrl('constructor')).toBeUndefined();
});

describe('OGC services of a registration that names REST services', () => {
  const all = portalIndex(
    enterpriseWith({
      resources: [
        'https://hosted.example.org/AbC/arcgis/rest/services/',
        'https://one.example.org/a/rest/services/F/',
      ],
      servers: ['https://gis.example.org/server'],
    }),
    apiWith({ resources: ['https://api.example.org/rest/services/'] }),
    arcgisOnline(base),
  );
  const portal = 'https://gis.example.org/portal';

  test.each([
    ['https://hosted.example.org/AbC/arcgis/services/x/MapServer/WMSServer?request=GetMap', portal],
    ['https://hosted.example.org/AbC/arcgis/services/x/WFSServer', portal],
    ['https://hosted.example.org/AbC/arcgis/services/x/MapServer?wsdl', portal],
    ['https://one.example.org/a/services/F/x/MapServer/WMSServer', portal],
    [
      'https://gis.example.org/server/services/x/MapServer/WMSServer',
      `${portal} for https://gis.example.org/server`,
    ],
    ['https://services.arcgis.com/AbC/arcgis/services/x/WFSServer', 'https://www.arcgis.com'],
    ['https://dservices3.arcgis.com/AbC/arcgis/services/x/WFSServer', 'https://www.arcgis.com'],
  ])('take the token of the REST services: %s', (url, owner) => {
    expect(claimOf(all, url)).toBe(owner);
  });

  test.each([
    'https://one.example.org/a/services/G/x/MapServer/WMSServer',
    'https://one.example.org/b/services/F/x/MapServer/WMSServer',
    'https://hosted.example.org/services/x/MapServer/WMSServer',
    'https://hosted.example.org/AbC/arcgis/services/x/users',
    'https://hosted.example.org/AbC/arcgis/services',
    'https://hosted.example.org.evil.example/AbC/arcgis/services/x/MapServer/WMSServer',
    'http://hosted.example.org/AbC/arcgis/services/x/MapServer/WMSServer',
    'https://api.example.org/services/x/MapServer/WMSServer',
  ])('and nothing else does: %s', (url) => {
    expect(claimOf(all, url)).toBeUndefined();
  });
});

test('only ArcGIS portals have federated servers', () => {
  const api = oauthServer({
    ...base,
    issuer: 'https://id.example.org',
    resources: ['https://api.example.org/'],
  });
  expect(portalIndex(api).hasArcGIS).toBe(false);
  expect(portalIndex(api, enterprise).hasArcGIS).toBe(true);
});

test.each<(string | undefined)[]>([
  ['https://gis.example.org/server/rest/services', 'https://gis.example.org/server'],
  [
    'https://gis.example.org/server/rest/services/x/MapServer/0/query?where=1',
    'https://gis.example.org/server',
  ],
  ['https://gis.example.org/server/REST/Services/x', 'https://gis.example.org/server'],
  ['https://gis.example.org/server/rest/admin/services/x.FeatureServer', 'https://gis.example.org/server'],
  ['https://gis.example.org/server/admin', undefined],
  ['https://app.example.org/admin/users', undefined],
  ['https://GIS.example.org:6443/arcgis/rest/services/x', 'https://gis.example.org:6443/arcgis'],
  ['https://services1.arcgis.com/AbC/ArcGIS/rest/services/x', 'https://services1.arcgis.com/AbC/ArcGIS'],
  ['https://gis.example.org/rest/services/x', 'https://gis.example.org'],
  ['https://gis.example.org/server/rest/services/admin/MapServer', 'https://gis.example.org/server'],
  ['https://gis.example.org/a/rest/services/b/rest/services/c', 'https://gis.example.org/a'],
  ['https://gis.example.org/server/rest/info', undefined],
  ['https://gis.example.org/server/rest/services2', undefined],
  ['https://gis.example.org/server/myrest/services', undefined],
  ['https://gis.example.org/administration/x', undefined],
  ['https://gis.example.org/x?u=/server/rest/services', undefined],
  ['https://gis.example.org/server%2Frest%2Fservices', undefined],
  ...[
    'Name/MapServer/WMSServer?request=GetMap&bbox=1,2,3,4',
    'Folder/Name/MapServer/WMSServer',
    'Folder/Name/MapServer/WMSServer/',
    'Name/MapServer/WFSServer',
    'Name/ImageServer/WCSServer',
    'Name/GPServer/WPSServer',
    'Name/MapServer/KmlServer',
    'Name/WFSServer?service=wfs',
    'name/mapserver/wmsserver',
    'Name/MapServer?wsdl',
    'Folder/Name/GeocodeServer?wsdl',
  ].map((path) => [`https://gis.example.org/server/services/${path}`, 'https://gis.example.org/server']),
  ['https://gis.example.org/arcgis/SERVICES/x/MapServer/WMSServer', 'https://gis.example.org/arcgis'],
  ['https://gis.example.org/services/x/MapServer/WMSServer', 'https://gis.example.org'],
  ['https://services.arcgis.com/AbC/arcgis/services/x/WFSServer', 'https://services.arcgis.com/AbC/arcgis'],
  ...[
    '/services',
    '/services/list',
    '/api/services/users/7',
    '/services/WMSServer',
    '/services/x/WMSServer2',
    '/services/x/MyWMSServer',
    '/services/x/WMSServer/more',
    '/services/x/GameServer',
    '/services/x/MapServer/tile/0/0/0',
    '/myservices/x/MapServer/WMSServer',
    '/x?u=/services/x/MapServer/WMSServer',
    '/services%2Fx%2FMapServer%2FWMSServer',
  ].map((path) => [`https://app.example.org${path}`, undefined]),
])('the server root of %s is %s', (url = '', root) => {
  expect(serverRootOf(new URL(url))).toBe(root);
});
