// The portal's resources about itself, users and items.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Portal } from '../index.js';
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

const countries = '0a1b2c3d4e5f60718293a4b5c6d7e8f1';
const sites = '0a1b2c3d4e5f60718293a4b5c6d7e8f3';
const places = '0a1b2c3d4e5f60718293a4b5c6d7e8f4';
const webMap = '0a1b2c3d4e5f60718293a4b5c6d7e8f5';

function visit(path: string, token?: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(urlWith(`${client.sharing}${path}`, { f: 'json', token }), { headers });
}
async function get(path: string, token?: string): Promise<Json> {
  return json(await visit(path, token));
}

test('info names the owning portal and its token service without a token', async () => {
  for (const root of [client.sharing, client.sharing.replace('/rest', '')]) {
    expect(await json(await fetch(`${root}/info?f=json`))).toEqual({
      owningSystemUrl: portal.url,
      authInfo: {
        tokenServicesUrl: `${portal.url}/sharing/rest/generateToken`,
        isTokenBasedSecurity: true,
      },
    });
  }
});

test('portals/self has a user only when signed in', async () => {
  const { access } = await client.tokens();
  const anonymous = await get('/portals/self');
  expect(anonymous).toMatchObject({ id: 'AbCdEf', supportsOAuth: true, maxTokenExpirationMinutes: -1 });
  expect('user' in anonymous).toBe(false);
  expect(object((await get('/portals/self', access))['user'])['username']).toBe('ana');
  expect(errorCode(await get('/portals/self', 'bad'))).toBe(498);
});

test('community/self needs a token', async () => {
  const { access } = await client.tokens({ username: 'ben' });
  expect(await get('/community/self')).toEqual({
    error: { code: 499, messageCode: 'GWM_0003', message: 'Token Required', details: [] },
  });
  expect((await get('/community/self', access))['username']).toBe('ben');
});

test('without a token an item that is not public is reported as missing', async () => {
  const missing = {
    error: {
      code: 400,
      messageCode: 'CONT_0001',
      message: 'Item does not exist or is inaccessible.',
      details: [],
    },
  };
  expect(await get(`/content/items/${sites}`)).toEqual(missing);
  expect(await get(`/content/items/${countries}/data`)).toEqual(missing);
  expect(await get('/content/items/ffffffffffffffffffffffffffffffff')).toEqual(missing);
  expect((await get(`/content/items/${places}`))['title']).toBe('Places');
});

test('with the other switch a user who is not signed in is refused an item that exists, and one that is missing stays missing', async () => {
  portal.control.setPrivateItems('forbidden');
  for (const path of [sites, countries, `${countries}/data`, `${countries}/info/thumbnail/thumbnail.png`]) {
    const error = object((await get(`/content/items/${path}`))['error']);
    expect(error).toMatchObject({ code: 403, messageCode: 'GWM_0003' });
  }
  expect(errorCode(await get('/content/items/ffffffffffffffffffffffffffffffff'))).toBe(400);
  expect((await get(`/content/items/${places}`))['title']).toBe('Places');
});

test('ben may read items of the organisation, not the private one', async () => {
  const { access } = await client.tokens({ username: 'ben' });
  expect((await get(`/content/items/${countries}`, access))['title']).toBe('Countries');
  expect(object((await get(`/content/items/${sites}`, access))['error'])).toMatchObject({
    code: 403,
    messageCode: 'GWM_0003',
  });
});

const titles = async (path: string, token?: string): Promise<unknown[]> => {
  const { results, items } = await get(path, token);
  return ((results ?? items) as { title: string }[]).map(({ title }) => title);
};

test('the search finds what its sender may read', async () => {
  const [ana, ben] = [await client.tokens(), await client.tokens({ username: 'ben' })];
  expect(await titles('/search?q=type:"Feature Service"')).toEqual(['Places']);
  const services = '/search?q=type:"Feature Service"&sortField=title';
  expect(await titles(services, ben.access)).toEqual(['Countries', 'Notes', 'Places']);
  expect(await titles(services, ana.access)).toEqual(['Countries', 'Notes', 'Places', 'Sites']);
  expect(await titles('/search?q=owner:ana AND (title:sites OR title:terrain)', ana.access)).toHaveLength(2);
  expect(await titles('/search?q=world NOT owner:ana', ana.access)).toEqual([]);
  expect(await titles(`/search?q=id:${webMap}`, ana.access)).toEqual(['World map']);
  expect(await get('/search?q=&num=2&start=3', ana.access)).toMatchObject({
    total: 7,
    num: 2,
    start: 3,
    nextStart: 5,
  });
});

test('users, their content and groups are shown to the organisation', async () => {
  const [ana, ben] = [await client.tokens(), await client.tokens({ username: 'ben' })];
  expect(await get('/community/users/ben', ben.access)).toMatchObject({
    email: 'ben@portal.example',
    groups: [{ title: 'Everybody' }],
  });
  expect('email' in (await get('/community/users/ana', ben.access))).toBe(false);
  expect(errorCode(await get('/community/users/ana'))).toBe(400);
  expect(await get('/community/users?q=username:b*', ana.access)).toMatchObject({
    results: [{ username: 'ben' }],
  });
  expect(await titles('/content/users/ana', ana.access)).toContain('Sites');
  expect(await titles('/content/users/ana', ben.access)).not.toContain('Sites');
  expect(errorCode(await get('/content/users/ana'))).toBe(400);
  expect(await titles('/community/groups?q=', ana.access)).toEqual(['Everybody', 'Surveyors']);
  expect(await titles('/community/groups?q=', ben.access)).toEqual(['Everybody']);
  const surveyors = '0a1b2c3d4e5f60718293a4b5c6d7e902';
  expect(await titles(`/content/groups/${surveyors}`, ana.access)).toEqual(['Sites']);
  expect(errorCode(await get(`/community/groups/${surveyors}`, ben.access))).toBe(400);
});

test('portals/self may be requested with cookies, from any page', async () => {
  const origin = 'https://app.example';
  const { headers } = await visit('/portals/self', undefined, { origin });
  expect(headers.get('access-control-allow-origin')).toBe(origin);
  expect(headers.get('access-control-allow-credentials')).toBe('true');
  expect((await visit('/search?q=', undefined, { origin })).headers.get('access-control-allow-origin')).toBe(
    '*',
  );
});

test('items have data, thumbnail and resources', async () => {
  const { access } = await client.tokens();
  const map = await get(`/content/items/${webMap}/data`, access);
  expect(map['operationalLayers']).toHaveLength(3);
  const thumbnail = await visit(`/content/items/${countries}/info/thumbnail/thumbnail.png`, access);
  expect(thumbnail.headers.get('content-type')).toBe('image/png');
  const etag = thumbnail.headers.get('etag') ?? '';
  const again = await visit(`/content/items/${countries}/info/thumbnail/thumbnail.png`, access, {
    'if-none-match': etag,
  });
  expect(again.status).toBe(304);
  expect((await get(`/content/items/${countries}/resources`, access))['total']).toBe(1);
  expect((await get(`/content/items/${countries}/resources/notes/legend.json`, access))['legend']).toEqual([
    'low',
    'high',
  ]);
  expect(errorCode(await get(`/content/items/${countries}/nothing`, access))).toBe(400);
});

test('with web-tier authentication everything needs the session cookie, and portals/self has a user', async () => {
  const { cookie } = await client.signIn();
  portal.control.setWebTier(true, ['127.0.0.1:5999']);
  const refused = await visit('/portals/self');
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Negotiate');
  const self = await json(await visit('/portals/self', undefined, { cookie }));
  expect(object(self['user'])['username']).toBe('ana');
  expect(self['authorizedCrossOriginDomains']).toEqual(['127.0.0.1:5999']);
});

test('unknown operations answer 404', async () => {
  expect((await visit('/nothing')).status).toBe(404);
  expect((await fetch(`${portal.url}2`)).status).toBe(404);
  expect((await fetch(`${portal.url}/`)).status).toBe(200);
});
