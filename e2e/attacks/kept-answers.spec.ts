/** What is kept of signed answers is whole, is an answer, and is served to its own user only. */
import type { TestApp } from '../support/fixtures.js';
import { answerChallenge } from '../support/answer-challenge.js';
import { authorize } from '../support/oauth-client.js';
import { countQuery } from '../support/services.js';
import {
  cacheNames,
  expect,
  keptIn,
  read,
  test,
  type Answer,
  type AnsweringServer,
} from '../support/kept-answers.js';

/** How answers are kept: by HTTP's rules, and by each strategy. The control keeps everything, for everybody. */
const ways = ['http', 'CacheFirst', 'NetworkFirst', 'StaleWhileRevalidate'] as const;
const CONTROL = 'careless';

const at = (server: AnsweringServer, way: string, path = ''): string =>
  `${server.origin}/tile${path}?with=${way}`;

const forAnHour = { 'cache-control': 'max-age=3600' };
const json = { ...forAnHour, 'content-type': 'application/json' };
const page = '<!doctype html><title>Sign in</title><p>Welcome to our WLAN';
const long = 'x'.repeat(5000);

/** Answers that must not come back. */
const refused: Readonly<Record<string, Answer>> = {
  'an error of 499 inside 200': { headers: json, body: '{"error":{"code":499,"message":"Token Required"}}' },
  'an error that begins late': { headers: json, body: `{"a":"${long}","error":{"code":498,"message":"x"}}` },
  'an error longer than 4 kB': { headers: json, body: `{"error":{"code":400,"message":"${long}"}}` },
  'an error in a call': { headers: forAnHour, body: 'cb({"error":{"code":403,"message":"x"}});' },
  'an error of an administrator API': { headers: json, body: '{"status":"error","code":500,"messages":[]}' },
  'an error that says it is a picture': {
    headers: { ...forAnHour, 'content-type': 'image/png' },
    body: '{"error":{"code":500,"message":"x"}}',
  },
  'a page': { headers: { ...forAnHour, 'content-type': 'text/html' }, body: page },
  'a page that says it is a picture': { headers: { ...forAnHour, 'content-type': 'image/png' }, body: page },
  'half of a JSON': { headers: json, body: '{"features":[{"attributes":' },
};

for (const [name, answer] of Object.entries(refused))
  test(`${name} does not come back`, { tag: ['@S11'] }, async ({ keeping, server }) => {
    server.answer = () => answer;
    for (const way of [...ways, CONTROL]) expect(await read(keeping, at(server, way))).toBe(answer.body);
    server.answer = () => ({ headers: { 'cache-control': 'no-store' }, body: 'good' });
    expect(await read(keeping, at(server, CONTROL)), 'control: it is kept').toBe(answer.body);
    for (const way of ways) expect(await read(keeping, at(server, way), { cache: 'reload' })).toBe('good');
    expect((await keptIn(keeping)).every(({ text }) => text === 'good')).toBe(true);
  });

test(
  'what breaks off, is a part, or cannot be read does not come back',
  { tag: ['@S11'] },
  async ({ keeping, server, portal }) => {
    const tile = keeping.hosted('Basemap/MapServer/tile/0/0/0');
    const stop = portal.control.fault(/tile\/0\/0\/0$/, { drop: 'body' });
    server.answer = () => ({ breaksOff: true, headers: forAnHour, body: long });
    for (const way of ways) {
      expect(await read(keeping, `${tile}?with=${way}`)).toBe('TypeError');
      expect(await read(keeping, at(server, way))).toBe('TypeError');
    }
    stop();
    server.answer = () => ({
      status: 206,
      headers: { ...forAnHour, 'content-range': 'bytes 0-4/9' },
      body: 'start',
    });
    for (const way of ways) {
      await read(keeping, at(server, way), { headers: { range: 'bytes=0-4' } });
      await keeping.run(
        (url) =>
          fetch(url, { mode: 'no-cors' }).then(
            () => undefined,
            () => undefined,
          ),
        `${keeping.portal.origin}/unlisted?with=${way}`,
      );
    }
    server.answer = () => 'whole';
    for (const way of ways) expect(await read(keeping, at(server, way))).toBe('whole');
    await expect.poll(async () => (await keptIn(keeping)).length).toBe(4);
    expect((await keptIn(keeping)).map(({ text }) => text)).toEqual(['whole', 'whole', 'whole', 'whole']);
  },
);

test(
  'every way of a portal to refuse is no answer that comes back',
  { tag: ['@S11'] },
  async ({ keeping, portal }) => {
    for (const style of ['json200', 'html200', 'status498', 'status401', 'status403'] as const) {
      portal.control.setErrorStyle(style);
      portal.control.setEnvelopeCacheControl('public, max-age=3600');
      portal.control.setAlwaysRefuse('Basemap');
      const urls = ways.map(
        (way) => `${keeping.hosted('Basemap/MapServer/tile/1/0/0')}?with=${way}&${style}`,
      );
      for (const url of urls) await read(keeping, url);
      portal.control.setAlwaysRefuse('Basemap', false);
      expect(await keptIn(keeping)).toEqual([]);
      for (const url of urls) expect(await keeping.loadImage(url)).toBe(256);
      await expect.poll(async () => (await keptIn(keeping)).length).toBe(4);
      await keeping.run(() => window.identity.signOut());
      portal.control.endSessions();
      await keeping.signIn('ana');
    }
  },
);

/** The portal ends ana's session, and a request finds out. */
async function endSession(app: TestApp): Promise<void> {
  app.portal.control.revokeRefreshTokens();
  app.portal.control.revokeAccessTokens();
  await app.handleChallengesInApp();
  await app.run((url) => void fetch(url), app.hosted(countQuery()));
  await expect.poll(() => app.run(() => window.identity.credentials)).toEqual([]);
}

/** Signs ben in by the challenge that is open. */
async function answerAsBen(app: TestApp): Promise<void> {
  const url = await app.challengeUrl();
  await answerChallenge(app.page, app.run.bind(app), await authorize(url.href, 'ben'));
  await expect.poll(() => app.run(() => window.identity.credentials[0]?.username)).toBe('ben');
}

/** Ana's session ends, and ben signs in. */
const changes: Readonly<Record<string, (app: TestApp) => Promise<void>>> = {
  'a sign-out': (app) => app.run(() => window.identity.signOut()),
  'a sign-out after the worker was stopped': async (app) => {
    await app.stopWorker();
    await app.run(() => window.identity.signOut());
  },
  'a sign-out before the worker is stopped': async (app) => {
    await app.run(() => window.identity.signOut());
    await app.stopWorker();
  },
  'the end of the session at the portal': endSession,
  'a sign-in in the place of the last one': () => Promise.resolve(),
};

for (const [name, change] of Object.entries(changes))
  test(
    `what was kept for ana is not shown to ben, or to nobody: ${name}`,
    { tag: ['@S11'] },
    async ({ keeping, server, portal }) => {
      server.answer = () => 'for ana';
      for (const way of [...ways, CONTROL]) expect(await read(keeping, at(server, way))).toBe('for ana');
      await expect.poll(async () => (await keptIn(keeping)).length).toBe(4);
      const before = await cacheNames(keeping);
      await change(keeping);
      server.answer = () => 'for ben';
      if (name.includes('sign-out')) {
        expect(await cacheNames(keeping), 'nothing lies there').toEqual([]);
        for (const way of ways) expect(await read(keeping, at(server, way, '/x'))).toBe('for ben');
      }
      portal.control.endSessions();
      await (change === endSession ? answerAsBen(keeping) : keeping.signIn('ben'));
      expect(await read(keeping, at(server, CONTROL)), 'control: it is kept for everybody').toBe('for ana');
      for (const way of ways) expect(await read(keeping, at(server, way))).toBe('for ben');
      await expect.poll(async () => (await keptIn(keeping)).length).toBe(4);
      const after = await cacheNames(keeping);
      expect(after.filter((each) => before.includes(each))).toEqual([]);
      expect((await keptIn(keeping)).map(({ text }) => text)).toEqual(ways.map(() => 'for ben'));
    },
  );

test(
  'an answer whose user changes while it comes is kept for neither',
  { tag: ['@S11'] },
  async ({ keeping, server, portal }) => {
    // Half of it is enough to see what it is.
    const answer = 'for ana'.padEnd(40_000, '.');
    for (const signOutFirst of [true, false]) {
      let release = (): void => undefined;
      const until = new Promise<void>((resolve) => (release = resolve));
      server.answer = () => ({ until, headers: forAnHour, body: answer });
      const path = `/${signOutFirst}`;
      const reading = keeping.run(
        (urls) => {
          const texts = urls.map((url) => fetch(url).then((response) => response.text()));
          Object.assign(window, { texts: Promise.all(texts) });
        },
        ways.map((way) => at(server, way, path)),
      );
      await reading;
      await expect
        .poll(() => server.received().filter(({ url }) => url.pathname === `/tile${path}`).length)
        .toBe(4);
      if (signOutFirst) await keeping.run(() => window.identity.signOut());
      portal.control.endSessions();
      await keeping.signIn('ben');
      server.answer = () => 'for ben';
      expect(await read(keeping, at(server, 'http', '/own'))).toBe('for ben');
      release();
      const texts = await keeping.run(() => (window as unknown as { texts: Promise<string[]> }).texts);
      expect(texts, 'the page that asked gets its answers').toEqual(ways.map(() => answer));
      // Answers are written once it is quiet, in their order: before what comes next.
      expect(await read(keeping, at(server, 'http', '/next'))).toBe('for ben');
      await expect.poll(async () => (await keptIn(keeping)).length).toBe(2);
      expect(JSON.stringify(await keptIn(keeping))).not.toContain('for ana');
      for (const way of ways) expect(await read(keeping, at(server, way, path))).toBe('for ben');
      await expect.poll(async () => (await keptIn(keeping)).length).toBe(6);
      expect(JSON.stringify(await keptIn(keeping))).not.toContain('for ana');
      await keeping.run(() => window.identity.signOut());
      portal.control.endSessions();
      await keeping.signIn('ana');
    }
  },
);

test(
  'a user who signs out has nothing left, also of a user whose session had ended',
  { tag: ['@S11'] },
  async ({ keeping, server }) => {
    for (const way of ways) await read(keeping, at(server, way));
    await expect.poll(async () => (await keptIn(keeping)).length).toBe(4);
    await endSession(keeping);
    server.answer = () => 'for nobody';
    expect(await read(keeping, at(server, 'http')), 'nothing is served').toBe('for nobody');
    await keeping.stopWorker();
    await keeping.run(() => window.identity.signOut());
    expect(await cacheNames(keeping)).toEqual([]);
  },
);

test(
  'what page script writes into the caches does not run as a script',
  { tag: ['@S11'] },
  async ({ keeping, server }) => {
    const run = (url: string): Promise<string> =>
      keeping.run(async (src) => {
        Reflect.deleteProperty(window, 'ran');
        const script = Object.assign(document.createElement('script'), { src });
        await new Promise((resolve) => {
          for (const type of ['load', 'error']) script.addEventListener(type, resolve);
          document.head.append(script);
        });
        return String(Reflect.get(window, 'ran') ?? 'nothing');
      }, url);
    // Kept for times without a network, but not by the browser.
    const javascript = { 'cache-control': 'max-age=0', 'content-type': 'text/javascript' };
    server.answer = () => ({ headers: javascript, body: 'window.ran = "the server’s"; ' });
    // The page remembers a script that it has run.
    for (const path of ['', '/offline'])
      for (const way of [...ways, CONTROL]) await read(keeping, at(server, way, path));
    await expect.poll(async () => (await keptIn(keeping)).length).toBe(8);
    await keeping.run(async () => {
      const names = await caches.keys();
      const planted = (headers?: Headers): Response =>
        new Response('window.ran = "page script’s";', headers && { headers });
      for (const name of names)
        for (const key of await (await caches.open(name)).keys()) {
          const kept = await caches.match(key, { cacheName: name });
          await (await caches.open(name)).put(key, planted(kept?.headers));
          if (name.includes(':fresh:'))
            await (await caches.open(name.replace(':fresh:', ':area:') + ':planted')).put(key.url, planted());
        }
    });
    await keeping.stopWorker();
    for (const way of ways) expect(await run(at(server, way))).toBe('the server’s');
    expect(await run(at(server, CONTROL)), 'control').toBe('page script’s');
    // A route of workbox rejects without a network: the app may have a handler for that.
    keeping.expectedFaults.push('TypeError: Failed to fetch');
    await keeping.page.context().setOffline(true);
    for (const way of ways) expect(await run(at(server, way, '/offline'))).toBe('nothing');
    expect(await read(keeping, at(server, 'http', '/offline')), 'control: data').toContain('page script');
    await keeping.page.context().setOffline(false);
  },
);
