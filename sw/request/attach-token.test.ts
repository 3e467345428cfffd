/** A token in a request: where it goes, and that everything else stays as the page wrote it. */
import { describe, expect, test } from 'vitest';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { oauthServer } from '../portals/oauth-server.js';
import type { Portal } from '../portals/portal.js';
import { resolvePortals } from '../portals/portal.js';
import { toReplayable, type ReplayableRequest } from './replayable-request.js';
import { choosePlacement, hasOwnToken, attachToken, type SignedRequest } from './attach-token.js';

const TOKEN = 'a.b-c_d+e/f=&#g';
const ENCODED = 'a.b-c_d%2Be%2Ff%3D%26%23g';

const base = { clientId: 'app', redirectUri: '/signed-in.html' };
const [auto, header, query, bearer, oauthQuery] = resolvePortals(
  [
    arcgisEnterprise({ ...base, url: 'https://auto.example.org' }),
    arcgisEnterprise({ ...base, url: 'https://header.example.org', tokenPlacement: 'header' }),
    arcgisEnterprise({ ...base, url: 'https://query.example.org', tokenPlacement: 'query' }),
    oauthServer({ ...base, issuer: 'https://id.example.org', resources: ['https://api.example.org/'] }),
    oauthServer({
      ...base,
      issuer: 'https://id2.example.org',
      resources: ['https://api2.example.org/'],
      tokenPlacement: 'query',
    }),
  ],
  'https://app.example/',
) as [Portal, Portal, Portal, Portal, Portal];

const serviceUrl = 'https://gis.example.org/server/rest/services/x/FeatureServer/0/query';

async function replayable(url: string, init: RequestInit = {}): Promise<ReplayableRequest> {
  return toReplayable(new Request(url, init), new URL(url));
}

async function placed(url: string, init: RequestInit, portal = auto): Promise<SignedRequest> {
  return attachToken(await replayable(url, init), TOKEN, portal);
}

const form = (body: string): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
});

describe('choosePlacement', () => {
  const formData = new FormData();
  formData.set('f', 'json');

  test.each<[name: string, init: RequestInit, portal: Portal, placement: string | undefined]>([
    ['GET', {}, auto, 'query'],
    ['HEAD', { method: 'HEAD' }, auto, 'query'],
    ['GET without CORS', { mode: 'no-cors' }, auto, 'query'],
    ['a form', form('f=json'), auto, 'form'],
    [
      'an upper-case form type',
      { ...form('f=json'), headers: { 'content-type': 'Application/X-WWW-Form-Urlencoded' } },
      auto,
      'form',
    ],
    ['an empty form', form(''), auto, 'query'],
    ['a POST without a body', { method: 'POST' }, auto, 'query'],
    ['an upload', { method: 'POST', body: formData }, auto, 'multipart'],
    ['JSON', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }, auto, 'query'],
    ['plain text', { method: 'POST', body: 'f=json' }, auto, 'query'],
    [
      'a form type that goes on',
      { ...form('f=json'), headers: { 'content-type': 'application/x-www-form-urlencoded2' } },
      auto,
      'query',
    ],
    ['a form, query wanted', form('f=json'), query, 'query'],
    ['GET, header wanted', {}, header, 'header'],
    ['a form, header wanted', form('f=json'), header, 'header'],
    ['GET to an API', {}, bearer, 'header'],
    ['GET without CORS to an API that takes a query', { mode: 'no-cors' }, oauthQuery, 'query'],
  ])('%s', async (_, init, portal, placement) => {
    const given = await replayable(serviceUrl, init);
    expect(choosePlacement(given, TOKEN, portal)).toBe(placement);
    expect(attachToken(given, TOKEN, portal).placement).toBe(placement);
  });

  test('a stream is not read for the sake of its token', async () => {
    const body = new Blob(['f=json']).stream();
    const given = await replayable(serviceUrl, { ...form(''), body, duplex: 'half' } as RequestInit);
    expect(given).toMatchObject({ hasStreamBody: true, body: undefined });
    expect(choosePlacement(given, TOKEN, auto)).toBe('query');
    expect(await attachToken(given, TOKEN, auto).request.text()).toBe('f=json');
  });
});

describe('where the address would be reported', () => {
  const formData = new FormData();
  formData.set('f', 'json');

  test.each<[name: string, url: string, init: RequestInit, portal: Portal, placement: string]>([
    ['a GET of a file', serviceUrl, {}, auto, 'header'],
    ['an operation', `${serviceUrl}?f=json`, {}, auto, 'post'],
    ['HEAD', serviceUrl, { method: 'HEAD' }, auto, 'header'],
    ['a form', serviceUrl, form('f=json'), auto, 'form'],
    ['an empty form', serviceUrl, form(''), auto, 'header'],
    ['an upload', serviceUrl, { method: 'POST', body: formData }, auto, 'multipart'],
    ['plain text', serviceUrl, { method: 'POST', body: 'f=json' }, auto, 'header'],
    ['a GET, query wanted', serviceUrl, {}, query, 'header'],
    ['a GET, header wanted', `${serviceUrl}?f=json`, {}, header, 'header'],
    ['a GET to an API that takes a query', serviceUrl, {}, oauthQuery, 'header'],
  ])('%s holds no token in its address', async (_, url, init, portal, placement) => {
    const signed = attachToken(await replayable(url, init), TOKEN, portal, true);
    expect(signed).toMatchObject({ placement, changesUrl: false });
    expect(signed.request.url).toBe(url);
  });
});

describe('the browser’s cache', () => {
  test.each<[name: string, init: RequestInit, portal: Portal, cache: RequestCache]>([
    ['a token in the address', { cache: 'force-cache' }, auto, 'force-cache'],
    ['a header', { cache: 'force-cache' }, header, 'no-store'],
    ['a header of an API', {}, bearer, 'no-store'],
    ['a form', { ...form('f=json'), cache: 'force-cache' }, auto, 'force-cache'],
  ])('%s: %o is sent with %s', async (_, init, portal, cache) => {
    expect((await placed(serviceUrl, init, portal)).request.cache).toBe(cache);
  });
});

describe('a GET asked by form', () => {
  const long = `?where=${'x'.repeat(2000)}&f=json`;

  test('a query too long for a URL goes into the body as it stands', async () => {
    const { request, placement, changesUrl } = await placed(`${serviceUrl}${long}#frag`, {});
    expect({ placement, changesUrl }).toEqual({ placement: 'post', changesUrl: true });
    expect(request.method).toBe('POST');
    expect(request.url).toBe(`${serviceUrl}#frag`);
    expect(request.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(await request.text()).toBe(`${long.slice(1)}&token=${ENCODED}`);
  });

  test('the limit counts the token', async () => {
    const room = 2000 - serviceUrl.length - `?x=&token=${ENCODED}`.length;
    expect((await placed(`${serviceUrl}?x=${'y'.repeat(room)}`, {})).placement).toBe('query');
    expect((await placed(`${serviceUrl}?x=${'y'.repeat(room + 1)}`, {})).placement).toBe('post');
  });

  const services = 'https://gis.example.org/s/rest/services/x';
  test.each<[name: string, url: string, init: RequestInit, portal: Portal]>([
    ['a tile', `${services}/MapServer/tile/1/2/3`, {}, auto],
    ['a vector tile', `${services}/VectorTileServer/tile/1/2/3.pbf`, {}, auto],
    ['a resource', `${services}/VectorTileServer/resources/styles`, {}, auto],
    ['an attachment', `${services}/FeatureServer/0/1/attachments/2`, {}, auto],
    ['a WMS', 'https://gis.example.org/s/services/x/MapServer/WMSServer', {}, auto],
    ['a WFS', 'https://services.arcgis.com/AbC/arcgis/services/x/WfsServer', {}, auto],
    ['HEAD', serviceUrl, { method: 'HEAD' }, auto],
    ['what the registration wants so', serviceUrl, {}, query],
    ['a request to an API', serviceUrl, {}, oauthQuery],
  ])('%s stays a query however long', async (_, url, init, portal) => {
    expect((await placed(url + long, init, portal)).placement).toBe('query');
  });

  test('a registration may want it for all operations, whose URL then stays the page’s', async () => {
    const wanted: Portal = { ...auto, tokenPlacement: 'form' };
    const { request, ...how } = await placed(`${serviceUrl}?where=a%20b&f=json`, {}, wanted);
    expect(how).toEqual({ placement: 'post', changesUrl: false });
    expect(request.url).toBe(`${serviceUrl}?where=a%20b&f=json`);
    expect(await request.text()).toBe(`token=${ENCODED}`);
    expect((await placed(serviceUrl, {}, wanted)).placement).toBe('query');
    expect((await placed(serviceUrl, form('f=json'), wanted)).placement).toBe('form');
  });
});

describe('a token of the page’s own in a form', () => {
  const piece = 64 * 1024;

  test.each([
    ['at its start', 'token=x&f=json', true],
    ['at its end', 'f=json&token=x', true],
    ['in capitals', 'f=json&Token=x', true],
    ['as part of another name', 'f=json&mytoken=x', false],
    ['far behind', `a=${'y'.repeat(3 * piece)}&token=x`, true],
    ['nowhere in a large one', `a=${'y'.repeat(3 * piece)}`, false],
    ['as an end of a value', `a=${'y'.repeat(piece - 2)}token=x`, false],
  ])('%s', async (_, body, isFound) => {
    expect(await hasOwnToken(await replayable(serviceUrl, form(body)))).toBe(isFound);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])('cut after %i letters by the reading in pieces', async (cut) => {
    const body = `a=${'y'.repeat(piece - 2 - cut)}&token=x`;
    expect(await hasOwnToken(await replayable(serviceUrl, form(body)))).toBe(true);
  });
});

describe('query', () => {
  test.each([
    ['no query', '', `?token=${ENCODED}`],
    ['a question mark only', '?', `?token=${ENCODED}`],
    ['a parameter', '?f=json', `?f=json&token=${ENCODED}`],
    ['%20 and +', '?where=a%20b+c', `?where=a%20b+c&token=${ENCODED}`],
    ['repeated parameters', '?a=1&a=2&a=1', `?a=1&a=2&a=1&token=${ENCODED}`],
    ['parameters without value', '?a&b=&=c', `?a&b=&=c&token=${ENCODED}`],
    ['a trailing ampersand', '?f=json&', `?f=json&&token=${ENCODED}`],
    ['lower-case escapes', '?x=%c3%a9%2f%2F', `?x=%c3%a9%2f%2F&token=${ENCODED}`],
    ['a broken escape', '?x=%&y=%zz', `?x=%&y=%zz&token=${ENCODED}`],
    [
      'signs that need no escape',
      "?where=1=1;x='a'(b)*!~,:@/?",
      `?where=1=1;x=%27a%27(b)*!~,:@/?&token=${ENCODED}`,
    ],
    ['JSON', '?geometry=%7B%22x%22:1,%22y%22:2%7D', `?geometry=%7B%22x%22:1,%22y%22:2%7D&token=${ENCODED}`],
    ['another name with token in it', '?mytoken=1', `?mytoken=1&token=${ENCODED}`],
    ['a hash', '?f=json#frag?x', `?f=json&token=${ENCODED}#frag?x`],
    ['a hash alone', '#frag', `?token=${ENCODED}#frag`],
  ])('is appended to %s, which stays as it was', async (_, search, expected) => {
    const { request } = await placed(serviceUrl + search, {});
    expect(request.url).toBe(serviceUrl + expected);
    expect(new URL(request.url).searchParams.get('token')).toBe(TOKEN);
  });

  test('leaves the path as it was', async () => {
    const path = 'https://gis.example.org/server/rest/services/Stra%C3%9Fen%20a+b/MapServer/tile/0/0/0';
    expect((await placed(path, {})).request.url).toBe(`${path}?token=${ENCODED}`);
  });

  test('leaves a body of another type as it was', async () => {
    const { request } = await placed(serviceUrl, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(await request.text()).toBe('{"a":1}');
    expect(request.headers.get('content-type')).toBe('application/json');
  });

  test('adds no header: it would cost a preflight', async () => {
    const { request } = await placed(serviceUrl, { headers: { accept: 'image/png' } });
    expect([...request.headers]).toEqual([['accept', 'image/png']]);
  });

  test('does not change the request of the page', async () => {
    const given = await replayable(`${serviceUrl}?f=json`);
    attachToken(given, TOKEN, auto);
    expect(given.url.href).toBe(`${serviceUrl}?f=json`);
    expect(given.request.url).toBe(`${serviceUrl}?f=json`);
  });
});

describe('form', () => {
  test.each(['f=json', 'where=a%20b+c&f=json', 'a=1&a=2', 'f=json&', 'x=%c3%a9'])(
    '%s is continued by the token',
    async (body) => {
      const { request } = await placed(`${serviceUrl}?g=1`, form(body));
      expect(request.url).toBe(`${serviceUrl}?g=1`);
      expect(request.method).toBe('POST');
      expect(request.headers.get('content-type')).toBe('application/x-www-form-urlencoded;charset=UTF-8');
      const sent = await request.text();
      expect(sent).toBe(`${body}&token=${ENCODED}`);
      expect(new URLSearchParams(sent).get('token')).toBe(TOKEN);
    },
  );

  test('bytes that are no text stay as they are', async () => {
    const body = Uint8Array.of(97, 61, 0xff, 0xfe, 0);
    const { request } = await placed(serviceUrl, { ...form(''), body });
    expect(new Uint8Array(await request.arrayBuffer()).subarray(0, 5)).toEqual(body);
  });
});

describe('multipart', () => {
  const file = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) % 256);

  test('an upload of the browser gets one more part and keeps its own', async () => {
    const body = new FormData();
    body.set('f', 'json');
    body.append('attachment', new File([file], 'größe "1".bin', { type: 'application/octet-stream' }));
    const { request } = await placed(serviceUrl, { method: 'POST', body });
    const sent = await new Response(await request.blob(), { headers: request.headers }).formData();
    expect([...sent.keys()]).toEqual(['token', 'f', 'attachment']);
    expect(sent.get('token')).toBe(TOKEN);
    expect(sent.get('f')).toBe('json');
    const received = sent.get('attachment') as File;
    expect(received.type).toBe('application/octet-stream');
    expect(new Uint8Array(await received.arrayBuffer())).toEqual(file);
  });

  test.each([
    ['unquoted', 'multipart/form-data; boundary=----x1', '----x1'],
    ['quoted', 'multipart/form-data; boundary="a:b=c d"', 'a:b=c d'],
    ['upper case', 'Multipart/Form-Data; Boundary=X1', 'X1'],
    ['followed by a parameter', 'multipart/form-data; boundary=x1; charset=utf-8', 'x1'],
    ['quoted and followed by a parameter', 'multipart/form-data; boundary="x1";charset=utf-8', 'x1'],
    ['after a parameter', 'multipart/form-data; charset=utf-8; boundary=x1', 'x1'],
    ['without a space', 'multipart/form-data;boundary=x1', 'x1'],
  ])('a boundary that is %s divides the new part too', async (_, type, boundary) => {
    const body = `--${boundary}\r\nContent-Disposition: form-data; name="f"\r\n\r\njson\r\n--${boundary}--\r\n`;
    const { request } = await placed(serviceUrl, { method: 'POST', body, headers: { 'content-type': type } });
    expect(request.headers.get('content-type')).toBe(type);
    const sent = await request.text();
    expect(sent).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="token"\r\n\r\n${TOKEN}\r\n${body}`,
    );
    const parts = await new Response(new Blob([sent]), { headers: request.headers }).formData();
    expect([...parts]).toEqual([
      ['token', TOKEN],
      ['f', 'json'],
    ]);
  });
});

describe('header', () => {
  test('is the standard one and leaves URL and body alone', async () => {
    const { request } = await placed(
      `${serviceUrl}?x=%20`,
      { ...form('f=json'), headers: { 'content-type': 'text/x' } },
      header,
    );
    expect(request.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
    expect(request.headers.get('content-type')).toBe('text/x');
    expect(request.url).toBe(`${serviceUrl}?x=%20`);
    expect(await request.text()).toBe('f=json');
  });

  test('does not change the headers of the page', async () => {
    const given = await replayable(serviceUrl);
    attachToken(given, TOKEN, header);
    expect(given.request.headers.has('authorization')).toBe(false);
  });
});

describe('redirects', () => {
  test.each<[name: string, init: RequestInit, portal: Portal, redirect: string]>([
    ['a token in a query is followed by us only', {}, auto, 'manual'],
    ['a token in a form goes nowhere else', form('f=json'), auto, 'manual'],
    ['a token in a header is dropped by the browser', {}, header, 'follow'],
    ['a page that forbids redirects is obeyed', { redirect: 'error' }, auto, 'error'],
    ['a page that follows by itself is obeyed', { redirect: 'manual' }, auto, 'manual'],
    ['a page that forbids redirects is obeyed with a header', { redirect: 'error' }, header, 'error'],
  ])('%s', async (_, init, portal, redirect) => {
    expect((await placed(serviceUrl, init, portal)).request.redirect).toBe(redirect);
  });
});
