/** An API at the app's own origin: what elements load of it has the token in a header, which costs no preflight there. */
import { expect } from '../support/fixtures.js';
import { registrationOf, signIn, test as base } from '../support/oauth-servers/fixtures.js';

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';

/** What each kind of element is answered with; the rest is a picture. */
const bodies: Record<string, [type: string, body: string]> = {
  style: ['text/css', 'body { background: url("background.svg") }'],
  script: ['text/javascript', 'window.loaded = true'],
  video: ['video/mp4', 'none'],
  audio: ['audio/wav', 'none'],
};

/** Page code: has every kind of element load its file below an address. @returns What the picture and the script came to. */
const loadAll = async (root: string): Promise<unknown[]> => {
  const append = <E extends HTMLElement>(element: E, ...events: string[]): Promise<E> =>
    new Promise((resolve) => {
      for (const event of ['load', 'error', ...events])
        element.addEventListener(event, () => resolve(element), { once: true });
      document.body.append(element);
    });
  const make = <K extends keyof HTMLElementTagNameMap>(tag: K, fields: object): HTMLElementTagNameMap[K] =>
    Object.assign(document.createElement(tag), fields);
  const image = await append(make('img', { src: `${root}image` }));
  await append(make('img', { srcset: `${root}set 1x` }));
  await append(make('link', { rel: 'stylesheet', href: `${root}style` }));
  await append(make('script', { src: `${root}script` }));
  await append(make('video', { src: `${root}video` }));
  await append(make('audio', { src: `${root}audio` }));
  const beacon = await fetch(`${root}no-cors`, { mode: 'no-cors' });
  const drawn = new Image();
  drawn.src = `${root}background.svg`;
  await drawn.decode();
  return [image.naturalWidth, (window as { loaded?: unknown }).loaded, beacon.status];
};

const loaded = ['image', 'set', 'style', 'background.svg', 'script', 'video', 'audio', 'no-cors'];

/** Requests to the API: whose token each had, and its range. */
type Seen = Map<string, { user: string | undefined; range: string | undefined }>;

/** `seen` is of the API at the app's origin, which is all that is registered. */
const test = base.extend<{ seen: Seen }>({
  seen: async ({ app, server, api, deployment }, use) => {
    const seen: Seen = new Map();
    deployment.registrations = {
      arcgis: [],
      oauth: [{ ...registrationOf(server, api), resources: [`${app.url}/api/`] }],
    };
    deployment.intercept = async (path, { authorization = '', range }) => {
      if (!path.startsWith('/api/')) return undefined;
      const name = path.slice('/api/'.length);
      const user = (await server.check(authorization.replace('Bearer ', '')))?.user;
      seen.set(name, { user, range });
      if (user === undefined) return { status: 401, headers: { 'www-authenticate': 'Bearer' }, body: '' };
      const location = { near: `${app.url}/api/image`, far: `${api.url}far` }[name];
      if (location !== undefined) return { status: 302, headers: { location }, body: '' };
      const [type, body] = bodies[name] ?? ['image/svg+xml', svg];
      return { headers: { 'content-type': type }, body };
    };
    await app.open();
    await signIn(app);
    await use(seen);
  },
});

test('every element has the token of an API at the app’s origin in a header, and shows what it gets', async ({
  app,
  seen,
}) => {
  expect(await app.run(loadAll, `${app.url}/api/`)).toEqual([9, true, 200]);
  expect(Object.fromEntries([...seen].map(([name, { user }]) => [name, user]))).toEqual(
    Object.fromEntries(loaded.map((name) => [name, 'ana'])),
  );
  expect(seen.get('video')?.range).toBe('bytes=0-');
});

test('a picture that is redirected takes the header along in its origin, and to no other', async ({
  app,
  api,
  seen,
}) => {
  expect(await app.loadImage(`${app.url}/api/near`)).toBe(9);
  expect(seen.get('image')?.user).toBe('ana');
  await app.loadImage(`${app.url}/api/far`);
  const far = api.front.requests(/^\/far$/);
  expect(far.length).toBeGreaterThan(0);
  expect(far.filter(({ headers }) => headers['authorization'] !== undefined)).toEqual([]);
});
