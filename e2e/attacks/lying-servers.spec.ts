/** Servers that lie: about their owner, and about their answers. */
import { expect, registeredWith, signedIn, test, type TestApp } from '../support/attack.js';
import { aCount, countQuery } from '../support/services.js';
import { anyOrigin } from '../support/malicious-server.js';
import { authorize } from '../support/oauth-client.js';

/** Requests layers of a server, as a shared map does. */
const browse = async (target: TestApp, origin: string): Promise<void> => {
  const service = `${origin}/server/rest/services/Countries/FeatureServer`;
  await target.fetch(`${service}/0/query?f=json&where=1%3D1`);
  await target.fetch(`${service}?f=json`);
  await target.loadImage(`${origin}/server/rest/services/Terrain/MapServer/tile/1/0/1`);
  await target.fetch(`${service}/0/query?f=json&where=1%3D1`);
};

for (const [name, spell] of [
  ['by its address', (url: string) => url],
  ['by another spelling of it', (url: string) => `${url.replace('http://', 'HTTP://')}/home/`],
] as const) {
  test(
    `a server that claims to belong to the portal, ${name}, gets no token`,
    { tag: ['@S2'] },
    async ({ app, vulnerableApp, maliciousServer, portal }) => {
      const server = await maliciousServer({
        answer: ({ url }, response) => {
          response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' });
          const body = url.pathname.endsWith('/rest/info')
            ? { owningSystemUrl: spell(portal.url), authInfo: { isTokenBasedSecurity: true } }
            : { error: { code: 499, message: 'Token Required', details: [] } };
          response.end(JSON.stringify(body));
          return true;
        },
      });
      await browse(await vulnerableApp({ does: 'believes' }), server.origin);
      expect(server.secrets(), 'control').not.toEqual([]);
      const receivedBefore = server.received.length;
      await signedIn(app);
      await browse(app, server.origin);
      const since = server.received
        .slice(receivedBefore)
        .map(({ url, headers, body }) => `${url.href} ${JSON.stringify(headers)} ${body}`);
      expect(since.length).toBeGreaterThan(3);
      expect(portal.log.leaks(since.join('\n'))).toEqual([]);
      expect(await app.isPrompting()).toBe(false);
    },
  );
}

test(
  'an error text that holds the token reaches no error of the library and no console',
  { tag: ['@S1'] },
  async ({ variant, maliciousServer, portal }) => {
    const echo = await maliciousServer({
      answer: ({ url }, response) => {
        response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' });
        response.end(
          JSON.stringify({ error: { code: 498, message: `Invalid token ${url.search}`, details: [] } }),
        );
        return true;
      },
    });
    const ours = await signedIn(
      await variant({ config: registeredWith({ resources: [portal.hostedUrl, echo.origin] }) }),
    );
    await ours.fetch(`${echo.origin}/rest/services/x/MapServer?f=json`);
    expect(echo.secrets(), 'control: the server had it').not.toEqual([]);
    expect(portal.log.leaks(ours.consoleLines.join('\n'))).toEqual([]);
    // The session is as good as before.
    expect(await ours.fetchJson(ours.hosted(countQuery()))).toEqual(aCount);
  },
);

for (const [name, body] of [
  ['names the prototype', '{"__proto__":{"access_token":"polluted"}}'],
  ['is nested without end', '['.repeat(100_000)],
  ['is larger than any token', `{"access_token":"${'x'.repeat(600_000)}"}`],
] as const) {
  test(`a token response that ${name} changes nothing`, { tag: ['@S8'] }, async ({ app, portal }) => {
    await signedIn(app);
    const repair = portal.control.fault('/oauth2/token', { status: 200, html: body });
    portal.control.expireAccessTokens();
    const answer = app.fetchJson(app.hosted(countQuery()));
    await expect.poll(() => app.tokenRequests()).toBeGreaterThan(1);
    repair();
    // Control: the same refresh succeeds with an honest answer.
    expect(await answer).toEqual(aCount);
  });
}

/** Members that a careless merge would write into what all objects inherit. */
const polluting =
  '{"__proto__":{"polluted":"yes","access_token":"polluted"},"constructor":{"prototype":{"polluted":"yes"}}';

/** What every object inherits, in the worker. */
const inherited = async (app: TestApp): Promise<string> => {
  const [worker] = app.page.context().serviceWorkers();
  return worker!.evaluate(() =>
    String(Reflect.get({}, 'polluted') ?? Reflect.get(() => undefined, 'polluted')),
  );
};

test(
  'answers and messages cannot write into the prototype of all objects',
  { tag: ['@S8'] },
  async ({ variant, maliciousServer, portal }) => {
    const polluted: string[] = [];
    const server = await maliciousServer({
      change: (answer, { url }) => {
        if (!/token$|generateToken$|\/self$|\/info$/i.test(url.pathname) || !answer.body.startsWith('{'))
          return;
        polluted.push(url.pathname.replace(/.*\//, ''));
        answer.body = `${polluting},${answer.body.slice(1)}`;
      },
    });
    const issuer = await maliciousServer({
      to: portal.oauth.issuer,
      change: (answer, { url, headers }) => {
        if (!url.pathname.startsWith('/.well-known/')) return;
        polluted.push('metadata');
        const metadata = answer.body.replace(portal.oauth.issuer, `http://${headers.host}`);
        answer.body = `${polluting},${metadata.slice(1)}`;
      },
    });
    const ours = await variant({
      config: {
        make: ({ oauth, serverUrl }) => ({
          arcgis: [
            {
              ...registeredWith({}).make(portal).arcgis?.[0],
              url: `${server.origin}/portal`,
              servers: [serverUrl],
            },
          ],
          oauth: [
            {
              issuer: issuer.origin,
              resources: [oauth.apiUrl],
              clientId: oauth.clientId,
              redirectUri: '/signed-in.html',
            },
          ],
        }),
      },
    });
    await ours.open();
    await ours.handleChallengesInApp();
    await ours.run((url) => {
      window.outcome = window.identity.signIn({ portal: url }).then(({ username }) => username ?? '');
    }, `${server.origin}/portal`);
    const code = (await authorize((await ours.challengeUrl()).href, 'ana')).searchParams.get('code') ?? '';
    await ours.run((answer) => window.challenge?.setCode(answer), code);
    expect(await ours.run(() => window.outcome)).toBe('ana');
    portal.control.expireAccessTokens();
    expect(await ours.fetchJson(ours.hosted(countQuery()))).toEqual(aCount);
    expect(await ours.fetchJson(ours.federated(countQuery()))).toEqual(aCount);
    await ours.run((url) => {
      delete window.challenge;
      void window.identity.signIn({ portal: url }).catch(() => undefined);
    }, issuer.origin);
    expect((await ours.challengeUrl()).origin).toBe(new URL(portal.oauth.issuer).origin);
    await ours.run(async (text) => {
      const worker = navigator.serviceWorker.controller;
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise((resolve) => port1.addEventListener('message', resolve));
      port1.start();
      worker?.postMessage(JSON.parse(`${text},"type":"identity:connect","version":1}`), [port2]);
      const value = JSON.parse(`${text},"code":"x","state":"x"}`) as unknown;
      const argumentList = [
        { type: 'RAW', value },
        { type: 'RAW', value: 'id' },
      ];
      for (const path of [['__proto__'], ['constructor', 'prototype'], ['submitCode']])
        port1.postMessage({ id: 'x', type: 'APPLY', path, argumentList });
      await answered;
    }, polluting);
    expect(new Set(polluted)).toEqual(new Set(['token', 'generateToken', 'metadata']));
    expect(await inherited(ours)).toBe('undefined');

    // Control: a merge of the kind that many libraries had does fall for it.
    const [worker] = ours.page.context().serviceWorkers();
    await worker?.evaluate((text) => {
      type Tree = { [name: string]: Tree };
      const merge = (into: Tree, from: Tree): void => {
        for (const name of Object.keys(from)) {
          const value = from[name] as Tree;
          if (typeof value === 'object' && typeof into[name] === 'object') merge(into[name], value);
          else into[name] = value;
        }
      };
      merge({}, JSON.parse(`${text}}`) as Tree);
    }, polluting);
    expect(await inherited(ours)).toBe('yes');
  },
);
