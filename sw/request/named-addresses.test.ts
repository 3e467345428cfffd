/** Addresses that a request names: which of them keep it from being signed, in every place and spelling, and which ordinary calls stay signed. */
import { describe, expect, test } from 'vitest';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { oauthServer } from '../portals/oauth-server.js';
import { PortalIndex } from '../portals/portal-index.js';
import { resolvePortals } from '../portals/portal.js';
import { matchRequest } from './match-request.js';
import { formNamesForeignAddress, ownAddresses } from './named-addresses.js';

const base = { clientId: 'app', redirectUri: '/signed-in.html' };
const index = new PortalIndex(
  resolvePortals(
    [
      arcgisEnterprise({
        ...base,
        url: 'https://gis.example.org/portal',
        servers: ['https://gis.example.org/server'],
        mayFetch: ['https://tiles.example.org/base'],
      }),
      arcgisEnterprise({ ...base, url: 'https://other.example.org/portal' }),
      oauthServer({ ...base, issuer: 'https://id.example.org', resources: ['https://api.example.org/'] }),
    ],
    'https://app.example/',
  ),
);

const SHARING = 'https://gis.example.org/portal/sharing';
const SERVICES = 'https://gis.example.org/server/rest/services';
const PRINT = `${SERVICES}/Utilities/PrintingTools/GPServer/Export%20Web%20Map%20Task/execute`;
const own = `${SERVICES}/Roads/MapServer`;
const evil = 'https://evil.example/steal';

const isSigned = (url: string, method = 'GET'): boolean =>
  matchRequest(new Request(url, { method }), new URL(url), index) !== undefined;

const encoded = (text: string, times = 1): string =>
  times === 0 ? text : encodeURIComponent(encoded(text, times - 1));
const map = (url: string): string =>
  encoded(JSON.stringify({ operationalLayers: [{ id: 'a', url }], mapOptions: { scale: 1 } }));

describe('is not signed', () => {
  test.each([
    `${SHARING}/proxy?${evil}`,
    `${SHARING}/rest/proxy?${evil}`,
    `${SHARING}/proxy?${encoded(evil)}`,
    `${SHARING}/proxy?${encoded(evil, 2)}`,
    `${SHARING}/proxy?//evil.example/steal`,
    `${SHARING}/proxy?evil.example/steal`,
    `${SHARING}/proxy?\\\\evil.example/steal`,
    `${SHARING}/proxy?https:evil.example/steal`,
    `${SHARING}/proxy?%20${evil}`,
    `${SHARING}/proxy?ftp://evil.example/steal`,
    `${SHARING}/proxy?url=${evil}`,
    `${SHARING}/proxy?url=${encoded(own)}`,
    `${SHARING}/proxy`,
    `${SHARING}/Proxy?${evil}`,
    `${SHARING}/pro%78y?${evil}`,
    `${SHARING}/proxy;x=1?${evil}`,
    `${SHARING}/proxy/${evil}`,
    `${SHARING}/proxy?${own}?proxied=${evil}`,
    `${SHARING}/proxy?${SHARING}/proxy?${evil}`,
    `${SHARING}/proxy?https://gis.example.org@evil.example/`,
    `${SHARING}/proxy?https://gis.example.org.evil.example/server/rest/services`,
    `${SHARING}/proxy?http://gis.example.org/server/rest/services`,
    `${SHARING}/proxy?https://other.example.org/portal/sharing/rest`,
    `${SHARING}/resource-proxy/proxy.ashx?${evil}`,
    `${SHARING}/proxy.jsp?${evil}`,
    `${SHARING}/proxy.php?${evil}`,
    `${SHARING}/resource-proxy?${evil}`,
    `${SHARING}/rest/content?url=${evil}`,
    `${SHARING}/rest/content?${evil}`,
    `${SHARING}/rest/content?f=json&${evil}`,
    `${SHARING}/rest/content?f=json&targetUrl=${encoded(evil)}`,
    `${SHARING}/rest/content?f=json&anything=${encoded(evil, 2)}`,
    `${SHARING}/rest/content?f=json&anything=${encoded(evil, 3)}`,
    `${SHARING}/rest/content?f=json&src=//evil.example`,
    `${SHARING}/rest/content?f=json&href=%5C%5Cevil.example`,
    `${SHARING}/rest/content?f=json&href=%09${evil}`,
    `${SHARING}/rest/content?f=json&urls=${own},${evil}`,
    `${SHARING}/kml?url=${evil}`,
    `${SHARING}/rest/content/features/analyze?sourceUrl=${evil}`,
    `${SHARING}/rest/content/users/ana/addItem?url=${evil}`,
    `${own}/export?SLD=${evil}`,
    `${PRINT}?f=json&Web_Map_as_JSON=${map(evil)}`,
    `${PRINT}?f=json&Web_Map_as_JSON=${map('//evil.example/steal')}`,
    `${PRINT}?f=json&Web_Map_as_JSON=${map(evil).replaceAll('%2F', '%5C%2F')}`,
    `${PRINT}?f=json&Web_Map_as_JSON=${map(evil).replace('https', encoded('\\u0068ttps'))}`,
    `${PRINT}?f=json&Web_Map_as_JSON=${encoded(map(evil))}`,
    `${PRINT}?f=json&Web_Map_as_JSON=${map('https://tiles.example.org/baseless')}`,
    `${SERVICES}/Clip/GPServer/Clip/submitJob?Input=${encoded(JSON.stringify({ url: evil }))}`,
    `${SERVICES}/Clip/GPServer/Clip/submitJob?Input=${encoded(`{url:'${evil}'}`)}`,
    `${SERVICES}/Clip/GPServer/Clip/submitJob?text=${evil}`,
    `${SERVICES}/Dem/ImageServer/exportImage?renderingRule=${encoded(JSON.stringify({ Raster: evil }))}`,
    `${SERVICES}/Roads/MapServer/exts/Fetch/run?where_from=${evil}`,
    `https://api.example.org/proxy?${evil}`,
  ])('%s', (url) => {
    expect(isSigned(url)).toBe(false);
  });
});

describe('stays signed', () => {
  test.each([
    `${own}/0/query?where=1%3D1&f=json`,
    `${own}/0/query?where=${encoded(`website = '${evil}'`)}&f=json`,
    `${own}/0/query?where=${encoded("a // b = 'https:'")}`,
    `${own}/0/query?geometry=${encoded('{"x":1,"y":2,"spatialReference":{"wkid":102100}}')}`,
    `${own}/0/query?time=12:00&outFields=*&text=a//b`,
    `${own}/find?searchText=${encoded(evil)}`,
    `${own}/export?bbox=1,2,3,4&size=256,256&dpi=96&format=png32`,
    `${own}/WMSServer?request=GetMap&crs=${encoded('http://www.opengis.net/def/crs/EPSG/0/4326')}`,
    `${SERVICES}/Proxy/MapServer?f=json`,
    `${SERVICES}/a/proxy.jsp/MapServer?f=json`,
    `${SHARING}/rest/search?q=${encoded(evil)}&f=json`,
    `${SHARING}/rest/search?q=${encoded(`url:"${evil}"`)}`,
    `${SHARING}/rest/content/items/1/data?f=json`,
    `${SHARING}/rest/content/items/1/resources/picture.png`,
    `${SHARING}/rest/content/items/1?redirect_uri=${encoded('https://app.example/back')}`,
    `${SHARING}/rest/content?f=json&returnUrl=https://app.example/`,
    `${SHARING}/proxy?${own}?f=json`,
    `${SHARING}/proxy?${encoded(`${own}?f=json`)}`,
    `${SHARING}/rest/content?url=${encoded(own)}`,
    `${PRINT}?f=json&Web_Map_as_JSON=${map(own)}`,
    `${PRINT}?f=json&Web_Map_as_JSON=${map('https://tiles.example.org/base/1/0/0')}`,
    `${PRINT}?f=json&Web_Map_as_JSON=${encoded('{"imageData":"iVBORw0KGgo//8A/","contentType":"image/png"}')}`,
    `${SERVICES}/Dem/ImageServer/exportImage?renderingRule=${encoded('{"rasterFunction":"Hillshade"}')}`,
    `https://api.example.org/v1/preview?url=${evil}`,
  ])('%s', (url) => {
    expect(isSigned(url)).toBe(true);
  });

  test('an item that is stored with the address of another server', () => {
    expect(isSigned(`${SHARING}/rest/content/users/ana/items/1/update?url=${evil}`, 'POST')).toBe(true);
    expect(isSigned(`${SHARING}/rest/content/users/ana/addItem?dataUrl=${evil}`, 'POST')).toBe(false);
  });
});

describe('a form', () => {
  const [portal] = index.portals;
  if (!portal) throw new Error('no portal');
  const isOwn = ownAddresses(index, { portal, serverRoot: undefined });
  const names = (url: string, body: string, type: string): Promise<boolean> =>
    formNamesForeignAddress(new Blob([body]), type, new URL(url), 'POST', isOwn);
  const urlencoded = (url: string, fields: Record<string, string>): Promise<boolean> =>
    names(url, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');
  const parts = (...fields: readonly [head: string, value: string][]): string =>
    fields
      .map(([head, value]) => `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`)
      .join('');
  const multipart = (url: string, ...fields: readonly [head: string, value: string][]): Promise<boolean> =>
    names(url, `${parts(...fields)}--b--\r\n`, 'multipart/form-data');

  const addItem = `${SHARING}/rest/content/users/ana/addItem`;
  const webMap = JSON.stringify({ operationalLayers: [{ url: evil }] });
  const features = JSON.stringify([{ attributes: { website: evil } }]);

  test.each<[name: string, url: string, fields: Record<string, string>, isForeign: boolean]>([
    ['a query', `${own}/0/query`, { where: '1=1', f: 'json' }, false],
    ['edits with addresses in their attributes', `${own}/0/applyEdits`, { adds: features, f: 'json' }, false],
    ['an item with an address', addItem, { url: evil, type: 'Map Service', title: 'x' }, false],
    ['a web map with layers of others', addItem, { text: webMap, type: 'Web Map' }, false],
    ['a file of another server', addItem, { dataUrl: evil, type: 'CSV' }, true],
    ['a picture of another server', addItem, { thumbnailurl: evil }, true],
    ['a print of own layers', PRINT, { Web_Map_as_JSON: JSON.stringify({ url: own }) }, false],
    ['a print of layers of others', PRINT, { Web_Map_as_JSON: webMap, f: 'json' }, true],
    ['an address', `${own}/0/append`, { appendSourceUrl: evil }, true],
    ['an address without a scheme', `${own}/0/append`, { from: '//evil.example' }, true],
  ])('%s', async (_, url, fields, isForeign) => {
    expect(await urlencoded(url, fields)).toBe(isForeign);
    const list = Object.entries(fields).map(([name, value]) => [`name="${name}"`, value] as [string, string]);
    expect(await multipart(url, ...list), 'multipart').toBe(isForeign);
  });

  test.each<[name: string, fields: [head: string, value: string][]]>([
    [
      'behind a large file',
      [
        ['name="file"; filename="a"', 'x'.repeat(200_000)],
        ['name="url"', evil],
      ],
    ],
    ['without quotes', [['name=url', evil]]],
    ['with a type', [['name="url"\r\nContent-Type: text/plain', evil]]],
    ['with a long head', [[`name="url"; x="${'x'.repeat(100_000)}"`, evil]]],
  ])('a part %s', async (_, fields) => {
    expect(await multipart(`${own}/0/append`, ...fields)).toBe(true);
  });

  test('a file is not taken for a field', async () => {
    const file: [string, string] = ['name="file"; filename="a.txt"', `see\r\n${evil}`];
    expect(await multipart(`${own}/0/addAttachment`, file)).toBe(false);
  });

  test('a form that is too long to be searched is not signed', async () => {
    const type = 'application/x-www-form-urlencoded';
    expect(await names(own, 'x'.repeat(16 * 1024 * 1024 + 1), type)).toBe(true);
  });
});
