// Federated, hosted and standalone services over HTTP.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ErrorStyle, Portal } from '../index.js';
import {
  errorCode,
  json,
  object,
  startWithClient,
  urlWith,
  type Json,
  type TestClient,
} from '../test-client.js';

let portal: Portal;
let client: TestClient;
beforeAll(async () => {
  ({ portal, client } = await startWithClient());
});
beforeEach(() => portal.control.reset());
afterAll(() => portal.close());

const query = { where: '1=1' };
const tile = 'Terrain/MapServer/tile/0/0/0';
const pageOrigin = 'https://app.example';

function hosted(
  path: string,
  parameters: Record<string, string> = {},
  init: RequestInit = {},
): Promise<Response> {
  return fetch(urlWith(`${portal.hostedUrl}/${path}`, parameters), init);
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const preflight = (url: string) =>
  fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin: pageOrigin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-esri-authorization',
    },
  });

test('rest/info needs no token and names the owner, except where there is none', async () => {
  const federated = await json(await fetch(`${portal.serverUrl}/rest/info?f=json`));
  expect(federated).toMatchObject({
    owningSystemUrl: portal.url,
    authInfo: { isTokenBasedSecurity: true, tokenServicesUrl: `${portal.url}/sharing/rest/generateToken` },
  });
  const own = await json(await fetch(`${portal.hostedUrl.replace('/services', '/info')}?f=json`));
  expect(own['owningSystemUrl']).toBe(portal.url);
  const alone = await json(await fetch(`${portal.aloneUrl}/rest/info?f=json&token=bad`));
  expect('owningSystemUrl' in alone).toBe(false);
  expect(object(alone['authInfo'])['tokenServicesUrl']).toBe(`${portal.aloneUrl}/tokens/generateToken`);
});

test('the directory lists what the user may read', async () => {
  const names = async (token?: string) => {
    const response = await client.hosted('', token);
    const listed: unknown = response['services'];
    return Array.isArray(listed) ? listed.map((entry) => object(entry)['name']) : listed;
  };
  expect(await names()).toEqual(expect.arrayContaining(['Basemap', 'Places']));
  expect(await names()).not.toContain('Countries');
  const ana = (await client.tokens()).access;
  const ben = (await client.tokens({ username: 'ben' })).access;
  expect(await names(ben)).toContain('Countries');
  expect(await names(ben)).not.toContain('Sites');
  expect(await names(ana)).toContain('Sites');
  expect(errorCode(await client.hosted('', 'bad'))).toBe(498);
});

test('f=json with an expired token is 200 with the envelope 498', async () => {
  const { access } = await client.tokens();
  const path = 'Countries/FeatureServer/0/query';
  expect(errorCode(await client.hosted(path, access, query))).toBeUndefined();
  portal.control.expireAccessTokens();
  const response = await hosted(path, { f: 'json', token: access, ...query });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe(
    '{"error":{"code":498,"message":"Invalid token.","details":["Invalid token."]}}',
  );
});

test('a token expires by the portal clock', async () => {
  const { access } = await client.tokens();
  portal.control.setClockOffset(1799 * 1000);
  expect(errorCode(await client.hosted('Echo', access))).toBeUndefined();
  portal.control.setClockOffset(1801 * 1000);
  expect(errorCode(await client.hosted('Echo', access))).toBe(498);
});

async function refusalText(parameters: Record<string, string>): Promise<string> {
  return (await hosted('Echo', { token: 'bad', ...parameters })).text();
}

test('envelopes come indented, wrapped, with codes and details of other types', async () => {
  expect(await refusalText({ f: 'pjson' })).toContain('"error": {\n    "code": 498,');
  expect(await refusalText({ f: 'json', callback: 'dojo.cb' })).toMatch(/^dojo\.cb\(\{"error".*\);$/);
  expect(await refusalText({ f: 'json', callback: 'alert(1)//' })).toMatch(/^\{"error"/);
  portal.control.setEnvelopeShape('string-code');
  expect(await refusalText({ f: 'json' })).toContain('"code":"498"');
  portal.control.setEnvelopeShape('string-details');
  expect(await refusalText({ f: 'json' })).toContain('"details":"Invalid token."');
  portal.control.setEnvelopeShape('no-details');
  expect(await refusalText({ f: 'json' })).not.toContain('details');
});

test('f=pbf with a bad token is JSON', async () => {
  const response = await hosted('Countries/FeatureServer/0/query', { f: 'pbf', token: 'bad', ...query });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(errorCode(await json(response))).toBe(498);
});

test.each<[ErrorStyle, number, RegExp]>([
  ['json200', 200, /^\{"error":\{"code":498/],
  ['html200', 200, /<h1>Invalid Token<\/h1>/],
  ['status498', 498, /^\{"error":\{"code":498/],
  ['status401', 401, /^\{"error":\{"code":498.*"restInfoUrl"/],
  ['status403', 403, /^\{"error":\{"code":498/],
])('a tile with a bad token in style %s', async (style, status, body) => {
  portal.control.setErrorStyle(style, 'Terrain');
  const response = await hosted(tile, { token: 'bad' });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain(style === 'html200' ? 'text/html' : 'json');
  expect(await response.text()).toMatch(body);
  expect((await hosted('Countries/FeatureServer', { f: 'json', token: 'bad' })).status).toBe(200);
});

test('the tile itself, once the token is good', async () => {
  const { access } = await client.tokens();
  const response = await hosted(tile, { token: access });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^image\//);
});

test('without a token a secured service responds 499', async () => {
  expect(await client.hosted('Countries/FeatureServer/0/query', undefined, query)).toEqual({
    error: { code: 499, message: 'Token Required', messageCode: 'GWM_0003', details: [] },
  });
  const page = await hosted('Countries/FeatureServer');
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<h1>Token Required</h1>');
});

test('a real 401 carries the envelope and where to learn more', async () => {
  portal.control.setErrorStyle('status401');
  const response = await hosted('Echo', { f: 'json', token: 'bad' });
  expect(response.status).toBe(401);
  expect(object((await json(response))['error'])).toMatchObject({
    code: 498,
    restInfoUrl: portal.hostedUrl.replace('/services', '/info'),
  });
});

test('ben gets 403 GWM_0003 for the private service, ana its data', async () => {
  const ben = (await client.tokens({ username: 'ben' })).access;
  const ana = (await client.tokens()).access;
  const path = 'Sites/FeatureServer/0/query';
  expect(object((await client.hosted(path, ben, query))['error'])).toMatchObject({
    code: 403,
    messageCode: 'GWM_0003',
  });
  expect(errorCode(await client.hosted(path, ana, query))).toBeUndefined();
});

test('a service that requires https responds 403 with subcode 4', async () => {
  const { access } = await client.tokens();
  portal.control.setSslRequired('Echo');
  expect(object((await client.hosted('Echo', access))['error'])).toMatchObject({ code: 403, subcode: 4 });
  portal.control.setSslRequired('Echo', false);
  expect(errorCode(await client.hosted('Echo', access))).toBeUndefined();
});

test('a public service needs no token and refuses a bad one', async () => {
  const path = 'Places/FeatureServer/0/query';
  expect(errorCode(await client.hosted(path, undefined, query))).toBeUndefined();
  expect(errorCode(await client.hosted(path, 'bad', query))).toBe(498);
});

test('a service can refuse every token for good', async () => {
  portal.control.setAlwaysRefuse('Echo');
  const { access, refresh } = await client.tokens();
  const next = await client.refresh(refresh);
  expect(errorCode(await client.hosted('Echo', access))).toBe(498);
  expect(errorCode(await client.hosted('Echo', String(next['access_token'])))).toBe(498);
  portal.control.setAlwaysRefuse('Echo', false);
  expect(errorCode(await client.hosted('Echo', access))).toBeUndefined();
});

test('a long body is streamed, and the error text in it is data', async () => {
  const { access } = await client.tokens();
  const response = await hosted('Big', { f: 'json', mb: '2', trap: '1', token: access });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body ?? []) chunks.push(chunk);
  expect(chunks.length).toBeGreaterThan(1);
  const text = Buffer.concat(chunks).toString('utf8');
  expect(text.length).toBe(2 * 1024 * 1024);
  expect(text).toMatch(/^ \n\{"features"/);
  const features: unknown = object(JSON.parse(text))['features'];
  expect(Array.isArray(features) && features[0]).toEqual({
    attributes: { text: '{"error":{"code":498}}' },
  });
});

test('bytes of an exact size, with a length when asked', async () => {
  const { access } = await client.tokens();
  const response = await hosted('Big', { f: 'bin', mb: '0.5', length: '1', token: access });
  expect(response.headers.get('content-length')).toBe(String(512 * 1024));
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(bytes.every((byte, n) => byte === n % 251)).toBe(true);
});

test('a body that the client gives up is logged as such', async () => {
  const { access } = await client.tokens();
  const leaving = new AbortController();
  const response = await hosted('Big', { mb: '50', chunkMs: '1', token: access }, { signal: leaving.signal });
  await response.body?.getReader().read();
  leaving.abort();
  const [entry] = await portal.log.waitFor({ where: (each) => each.closedByClientAtMs !== undefined });
  expect(entry).toMatchObject({ status: 200, tokenId: expect.stringMatching(/^access-/) });
});

test('the default CORS headers are those of ArcGIS', async () => {
  const sharing = await preflight(`${client.sharing}/portals/self`);
  expect(sharing.status).toBe(405);
  const federated = await preflight(`${portal.serverUrl}/rest/services`);
  expect(federated.headers.get('access-control-allow-headers')).toBe('Content-Type');
  const own = await preflight(portal.hostedUrl);
  expect(own.status).toBe(200);
  expect(own.headers.get('access-control-allow-headers')).toContain('X-Esri-Authorization');
  expect((await fetch(portal.hostedUrl)).headers.get('access-control-allow-origin')).toBeNull();
});

test.each([
  ['star', 200, '*', null, 'Content-Type'],
  ['echo-credentials', 200, pageOrigin, 'true', 'Content-Type'],
  ['unlisted', 200, null, null, null],
  ['refuse-preflight', 405, '*', null, null],
  ['two-headers', 200, '*', 'true', 'Content-Type, Authorization, X-Esri-Authorization'],
  ['doubled-origin', 200, `*, ${pageOrigin}`, null, 'Content-Type'],
] as const)('CORS mode %s', async (mode, status, origin, credentials, headers) => {
  portal.control.setCors(mode, 'hosted');
  const url = `${portal.hostedUrl}/Places/FeatureServer?f=json`;
  const options = await fetch(url, { method: 'OPTIONS', headers: { origin: pageOrigin } });
  expect(options.status).toBe(status);
  expect(options.headers.get('access-control-allow-headers')).toBe(headers);
  const response = await fetch(url, { headers: { origin: pageOrigin } });
  expect(response.status).toBe(200);
  expect(response.headers.get('access-control-allow-origin')).toBe(origin);
  expect(response.headers.get('access-control-allow-credentials')).toBe(credentials);
});

async function cacheControl(): Promise<string | null> {
  return (await hosted('Echo', { f: 'json', token: 'bad' })).headers.get('cache-control');
}

test('an envelope may claim to be cacheable', async () => {
  expect(await cacheControl()).toBe('no-store');
  portal.control.setEnvelopeCacheControl('public, max-age=300');
  expect(await cacheControl()).toBe('public, max-age=300');
});

test.each([
  ['query', { parameters: true }],
  ['form', { form: true }],
  ['x-esri-authorization', { header: 'X-Esri-Authorization' }],
  ['authorization', { header: 'Authorization' }],
] as const)('the echo tells the placement %s', async (placement, how) => {
  const { access } = await client.tokens();
  const response = await hosted(
    'Echo',
    { f: 'json', ...('parameters' in how ? { token: access } : {}) },
    {
      ...('form' in how ? { method: 'POST', body: new URLSearchParams({ token: access, a: 'b' }) } : {}),
      ...('header' in how ? { headers: { [how.header]: `Bearer ${access}` } } : {}),
    },
  );
  const seen = await response.text();
  expect(object(JSON.parse(seen))).toMatchObject({ tokenPlacement: placement, user: 'ana' });
  expect(portal.log.leaks(seen)).toEqual([]);
});

test('parameter names are case-sensitive, and the first of two tokens counts', async () => {
  const { access } = await client.tokens();
  const none = await json(await hosted('PublicEcho', { f: 'json', Token: access }));
  expect(none['tokenPlacement']).toBe('none');
  const twice = await fetch(`${portal.hostedUrl}/Echo?f=json&token=bad&token=${access}`);
  expect(errorCode(await json(twice))).toBe(498);
  const basic = await hosted('PublicEcho', { f: 'json' }, { headers: { authorization: 'Basic YTpi' } });
  expect(await json(basic)).toMatchObject({
    tokenPlacement: 'none',
    headers: { authorization: 'Basic [unknown]' },
  });
});

test.each([301, 302, 303, 307, 308])('a secured redirect with %i leads elsewhere as told', async (status) => {
  const { access } = await client.tokens();
  const to = `${portal.foreign.origin}/landing?x=1`;
  const response = await hosted(
    'Redirect',
    { to, status: String(status), token: access },
    { redirect: 'manual' },
  );
  expect(response.status).toBe(status);
  expect(response.headers.get('location')).toBe(to);
  expect(errorCode(await client.hosted('Redirect', undefined, { to }))).toBe(499);
  expect(errorCode(await client.hosted('Redirect', access, { to, status: '200' }))).toBe(400);
});

test('X-Esri-Authorization travels on by itself: the foreign recorder names the token', async () => {
  const { access } = await client.tokens();
  await hosted(
    'Redirect',
    { to: `${portal.foreign.origin}/landing` },
    { headers: { 'x-esri-authorization': `Bearer ${access}` } },
  );
  const [entry] = portal.log.requests({ server: 'foreign' });
  expect(entry?.secrets).toEqual([expect.stringMatching(/^access-/)]);
});

test('long addresses, every kind of body, and ranges', async () => {
  const { access } = await client.tokens();
  const long = await json(await hosted('Echo', { f: 'json', token: access, filler: 'x'.repeat(2100) }));
  expect(long['user']).toBe('ana');

  const file = Buffer.from('a,b\r\n1,2\r\n--not-a-boundary\r\n');
  const form = new FormData();
  form.set('token', access);
  form.set('note', 'Zürich');
  form.set('attachment', new Blob([file], { type: 'text/csv' }), 'table.csv');
  const multipart = await json(await hosted('Echo', { f: 'json' }, { method: 'POST', body: form }));
  expect(multipart).toMatchObject({
    tokenPlacement: 'form',
    parts: [
      { name: 'note', filename: null, sha256: sha256('Zürich') },
      { name: 'attachment', filename: 'table.csv', contentType: 'text/csv', sha256: sha256(file) },
    ],
  });

  const body = JSON.stringify({ a: [1, 2] });
  const asJson = await json(
    await hosted(
      'Echo',
      { f: 'json', token: access },
      { method: 'POST', body, headers: { 'content-type': 'application/json' } },
    ),
  );
  expect(asJson).toMatchObject({ bodyLength: body.length, bodySha256: sha256(body), fields: [] });

  const whole = new Uint8Array(await (await hosted(tile, { token: access })).arrayBuffer());
  const part = await hosted(tile, { token: access }, { headers: { range: 'bytes=0-99' } });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-range')).toBe(`bytes 0-99/${whole.length}`);
  expect(new Uint8Array(await part.arrayBuffer())).toEqual(whole.subarray(0, 100));
});

test('HEAD answers like GET without a body', async () => {
  const { access } = await client.tokens();
  const response = await hosted(tile, { token: access }, { method: 'HEAD' });
  expect(response.status).toBe(200);
  expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
  expect(await response.text()).toBe('');
});

test('an unknown service, or an address that cannot be decoded, is an invalid URL', async () => {
  const invalid: Json = { error: { code: 400, message: 'Invalid URL', details: ['Invalid URL'] } };
  expect(await client.hosted('Nothing/FeatureServer/0')).toEqual(invalid);
  expect(await client.hosted('Countries/SceneServer')).toEqual(invalid);
  expect(await client.hosted('%E0%A4%A')).toEqual(invalid);
});

test('the foreign server claims the portal and records what it is sent', async () => {
  const root = `${portal.foreign.origin}/arcgis`;
  const info = await json(await fetch(`${root}/rest/info?f=json`));
  expect(info['owningSystemUrl']).toBe(portal.url);
  expect(errorCode(await json(await fetch(`${root}/rest/services/X/FeatureServer?f=json`)))).toBe(499);
  expect(portal.log.requests({ server: 'foreign' }).flatMap(({ secrets }) => secrets)).toEqual([]);
});

test('control: a token sent to the foreign server is named', async () => {
  const { access } = await client.tokens();
  const root = `${portal.foreign.origin}/arcgis/rest/services/X/FeatureServer`;
  await fetch(`${root}?token=${access}`);
  await fetch(root, { headers: { 'x-esri-authorization': `Bearer ${access}` } });
  await fetch(root, { method: 'POST', body: JSON.stringify({ hidden: btoa(`x${access}`) }) });
  const entries = portal.log.requests({ server: 'foreign' });
  expect(entries).toHaveLength(3);
  for (const { secrets } of entries) expect(secrets).toEqual([expect.stringMatching(/^access-/)]);
  expect(portal.log.leaks(JSON.stringify(entries))).toEqual([]);
});

test('look-alikes of the portal on the foreign server are recorded', async () => {
  const { host } = new URL(portal.url);
  await fetch(`${portal.foreign.origin}/${host}/portal/sharing/rest/portals/self`);
  await fetch(`${portal.foreign.origin}/?u=${encodeURIComponent(portal.url)}`);
  await fetch(`${portal.foreign.origin}/portal/sharing/rest/info`);
  expect(portal.log.count({ server: 'foreign' })).toBe(3);
});
