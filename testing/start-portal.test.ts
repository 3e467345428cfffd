/** Options of the portal as users give them: data of their own, users of their own, and what is wrong with some. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, expect, test } from 'vitest';
import { startPortal, type Portal, type TestPortalOptions } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'identity-worker-testing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let portal: Portal | undefined;
afterEach(async () => {
  await portal?.close();
  portal = undefined;
});

const start = async (options: TestPortalOptions): Promise<Portal> => (portal = await startPortal(options));

const point = (properties: unknown, coordinates: unknown = [10, 50]) => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Point', coordinates },
});
const collection = (...features: unknown[]) => ({ type: 'FeatureCollection', features });
const shape = (type: string, coordinates: unknown) => ({
  type: 'Feature',
  properties: {},
  geometry: { type, coordinates },
});

async function query(service: string, parameters: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${portal?.hostedUrl}/${service}/FeatureServer/0${parameters}`);
  return (await response.json()) as Record<string, unknown>;
}

test('serves a GeoJSON file as a feature service, with fields of the types of its properties', async () => {
  const file = join(folder, 'trees.geojson');
  writeFileSync(
    file,
    `\uFEFF${JSON.stringify(
      collection(
        point({ 'Species (de)': 'Linde', age: 12, height: 7.5, OBJECTID: 77, tall: true, mixed: 1 }),
        point({ 'Species (de)': 'Eiche', age: null, height: 20, tags: ['old'], mixed: 'x' }, [11, 51]),
      ),
    )}`,
  );
  await start({ services: [{ name: 'Trees', data: pathToFileURL(file), access: 'public' }] });
  const { fields, geometryType } = await query('Trees', '?f=json');
  expect(geometryType).toBe('esriGeometryPoint');
  expect(
    (fields as { name: string; alias: string; type: string }[]).map(({ name, alias, type }) => [
      name,
      alias,
      type.slice('esriFieldType'.length),
    ]),
  ).toEqual([
    ['OBJECTID', 'Object id', 'OID'],
    ['Species__de_', 'Species (de)', 'String'],
    ['age', 'age', 'Integer'],
    ['height', 'height', 'Double'],
    ['OBJECTID_2', 'OBJECTID', 'Integer'],
    ['tall', 'tall', 'Integer'],
    ['mixed', 'mixed', 'String'],
    ['tags', 'tags', 'String'],
  ]);
  const found = await query('Trees', "/query?f=geojson&where=Species__de_='Eiche'&outFields=*");
  expect(found['features']).toEqual([
    {
      type: 'Feature',
      id: 2,
      geometry: { type: 'Point', coordinates: [11, 51] },
      properties: {
        OBJECTID: 2,
        Species__de_: 'Eiche',
        age: null,
        height: 20,
        OBJECTID_2: null,
        tall: null,
        mixed: 'x',
        tags: '["old"]',
      },
    },
  ]);
});

const square = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
];

test.each([
  ['LineString', [square[0], square[2]], 'esriGeometryPolyline', 'paths'],
  ['MultiLineString', [[square[0], square[2]]], 'esriGeometryPolyline', 'paths'],
  // Anticlockwise and not closed, as other programs write it.
  ['Polygon', [square], 'esriGeometryPolygon', 'rings'],
  ['MultiPolygon', [[square]], 'esriGeometryPolygon', 'rings'],
])('serves %s', async (type, coordinates, geometryType, member) => {
  await start({ services: [{ name: 'Mine', data: collection(shape(type, coordinates)), access: 'public' }] });
  expect(await query('Mine', '?f=json')).toMatchObject({ geometryType });
  const inside = await query('Mine', '/query?f=json&outSR=4326&geometry=1,1,2,2');
  expect(inside['features']).toEqual([
    {
      attributes: { OBJECTID: 1 },
      geometry: {
        [member]: [
          member === 'paths'
            ? [square[0], square[2]]
            : [
                [0, 0],
                [0, 4],
                [4, 4],
                [4, 0],
                [0, 0],
              ],
        ],
      },
    },
  ]);
  expect((await query('Mine', '/query?f=json&geometry=5,5,6,6'))['features']).toEqual([]);
  const pbf = await fetch(`${portal?.hostedUrl}/Mine/FeatureServer/0/query?f=pbf`);
  expect(pbf.headers.get('content-type')).toBe('application/x-protobuf');
  expect((await pbf.arrayBuffer()).byteLength).toBeGreaterThan(50);
});

test('the users of an option take the place of ana and ben, and services ask who they are', async () => {
  const data = collection(point({}));
  await start({
    users: [
      { username: 'Carla', password: 'c', mayReadPrivate: true },
      { username: 'dan', password: 'd' },
    ],
    services: [
      { name: 'Secret', data, access: 'private' },
      { name: 'Inner', data },
    ],
  });
  const tokenOf = async (username: string, password: string): Promise<string | undefined> => {
    const body = new URLSearchParams({ username, password, client: 'requestip', f: 'json' });
    const response = await fetch(`${portal?.url}/sharing/rest/generateToken`, { method: 'POST', body });
    return ((await response.json()) as { token?: string }).token;
  };
  expect(await tokenOf('ana', 'ana-demo-1')).toBeUndefined();
  const codeOf = async (service: string, token: string | undefined): Promise<unknown> => {
    const { error } = await query(service, `?f=json${token === undefined ? '' : `&token=${token}`}`);
    return (error as { code: number } | undefined)?.code;
  };
  const [carla, dan] = [await tokenOf('Carla', 'c'), await tokenOf('dan', 'd')];
  expect(await codeOf('Inner', undefined)).toBe(499);
  expect(await codeOf('Inner', dan)).toBeUndefined();
  expect(await codeOf('Secret', dan)).toBe(403);
  expect(await codeOf('Secret', carla)).toBeUndefined();
});

test('speaks https with a certificate of its own', async () => {
  const { url, certificate } = await start({ https: true });
  expect(url).toMatch(/^https:/);
  expect(certificate).toContain('BEGIN CERTIFICATE');
});

test('says which port is in use', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(start({ oauthPort: port })).rejects.toMatchObject({
    name: 'PortalStartError',
    code: 'port-in-use',
    message: expect.stringContaining(`Port ${port} is in use`) as string,
  });
  await new Promise((resolve) => other.close(resolve));
});

const file = (text: string): string => {
  const path = join(folder, 'data.geojson');
  writeFileSync(path, text);
  return path;
};
const withData = (data: string | object): TestPortalOptions => ({ services: [{ name: 'Mine', data }] });

test.each<[string, () => TestPortalOptions, RegExp]>([
  ['a file that is not there', () => withData('/nowhere/a.geojson'), /a\.geojson cannot be read \(ENOENT\)/],
  ['a folder', () => withData(folder), /cannot be read \(EISDIR\)/],
  ['no JSON', () => withData(file('name,x,y')), /is not JSON. Convert it/],
  ['other JSON', () => withData(file('[]')), /no GeoJSON FeatureCollection/],
  ['no features', () => withData(collection()), /has no features/],
  ['a feature of nothing', () => withData(collection(null)), /features\[0\] has no geometry/],
  [
    'no geometry',
    () => withData(collection({ type: 'Feature', geometry: null })),
    /features\[0\] has no geometry/,
  ],
  [
    'metres',
    () => withData(collection(point({}), point({}, [1_500_000, 6_900_000]))),
    /features\[1\].*degrees/,
  ],
  ['text for numbers', () => withData(collection(point({}, ['10', '50']))), /not two numbers/],
  [
    'a mixture',
    () =>
      withData(
        collection(
          point({}),
          shape('LineString', [
            [0, 0],
            [1, 1],
          ]),
        ),
      ),
    /features\[1\] is a line/,
  ],
  [
    'a collection of geometries',
    () => withData(collection(shape('GeometryCollection', []))),
    /is a GeometryCollection/,
  ],
  ['an empty polygon', () => withData(collection(shape('Polygon', []))), /has no coordinates/],
  [
    'a ring of two',
    () =>
      withData(
        collection(
          shape('Polygon', [
            [
              [0, 0],
              [1, 1],
            ],
          ]),
        ),
      ),
    /fewer than 3/,
  ],
  [
    'a name with a slash',
    () => ({ services: [{ name: 'a/b', data: collection(point({})) }] }),
    /"a\/b" cannot be the name/,
  ],
  [
    'two of one name',
    () => ({ services: [1, 2].map(() => ({ name: 'A', data: collection(point({})) })) }),
    /Two services/,
  ],
  ['no users', () => ({ users: [] }), /`users` is empty/],
  [
    'a user without a password',
    () => ({ users: [{ username: 'x', password: '' }] }),
    /needs a `username` and a `password`/,
  ],
  [
    'users of one name',
    () => ({ users: ['x', 'X'].map((username) => ({ username, password: 'p' })) }),
    /Two of `users`/,
  ],
  ['a port of no number', () => ({ port: 99_999 }), /from 0 to 65535/],
])('refuses %s, and says why', async (_, options, message) => {
  await expect(start(options())).rejects.toMatchObject({
    name: 'PortalStartError',
    message: expect.stringMatching(message) as string,
  });
});
