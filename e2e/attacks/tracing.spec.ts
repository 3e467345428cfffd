/** Script of the app's own origin turns tracing on, and looks for tokens in what it is told. */
import { expect, expectRepelled, registeredWith, signedIn, test } from '../support/attack.js';
import { anyOrigin } from '../support/malicious-server.js';
import { generateToken } from '../support/oauth-client.js';
import { countQuery } from '../support/services.js';

/** Makes the requests, one after the other, and returns all that is told of them. */
const collect = async (requests: (readonly [string, RequestInit?])[]): Promise<string> => {
  const told: string[] = [];
  const tell = (data: unknown): void => {
    const text = JSON.stringify(data);
    if (text.includes('"identity:request-traced"')) told.push(text);
  };
  navigator.serviceWorker.addEventListener('message', ({ data }) => tell(data));
  navigator.serviceWorker.startMessages();
  if ('identity' in window) await window.identity.trace.start();
  for (const [url, init] of requests) {
    const before = told.length;
    await fetch(url, init).then(
      (response) => response.text(),
      () => '',
    );
    while (told.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const measures = performance.getEntriesByType('measure') as PerformanceMeasure[];
  return [...told, ...measures.map(({ name, detail }) => name + JSON.stringify(detail))].join('\n');
};

const encoded = (text: string): string =>
  text.replace(/./g, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`);

test(
  'traces hold no token, wherever a page or a server has put it',
  { tag: ['@S1'] },
  async ({ variant, vulnerableApp, maliciousServer, portal }) => {
    // Its answers have the token that it was sent in their text, their number, and where they redirect to.
    const echo = await maliciousServer({
      answer: ({ url, headers }, response) => {
        const token = url.searchParams.get('token') ?? headers.authorization ?? '';
        const cors = { ...anyOrigin, 'access-control-allow-headers': '*' };
        if (url.pathname.endsWith('/moved')) {
          response.writeHead(302, { ...cors, location: `/rest/services/${token}/MapServer?token=${token}` });
          response.end();
        } else {
          const challenge = { 'www-authenticate': `Bearer error="${token}"` };
          response.writeHead(200, { ...cors, ...challenge, 'content-type': 'application/json' });
          const error = { code: 498, messageCode: token, message: `Invalid token ${url.search}` };
          response.end(JSON.stringify({ error }));
        }
        return true;
      },
    });
    const ours = await signedIn(
      await variant({ config: registeredWith({ resources: [portal.hostedUrl, echo.origin] }) }),
    );
    const own = await generateToken(portal, ours.url);
    await expectRepelled(ours, await vulnerableApp({ does: 'reports' }), (target) => {
      const signed = target.hosted(countQuery());
      if (target !== ours) return target.run(collect, [[signed]]);
      const service = target.hosted('Terrain/MapServer');
      const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
      return target.run(collect, [
        [signed],
        [`${service}?f=json&token=${own}`],
        [`${service}?f=json&anything=${encoded(own)}`],
        [`${service}?f=json#token=${own}`],
        [`${service}/${own}?f=json`],
        [`${service}/${encoded(own)}/0`],
        [`${service};jsessionid=${own}`],
        [`${service}/token/${own}`],
        [`/${own}/page.js`],
        [service, { headers: { authorization: `Bearer ${own}` } }],
        [service, { headers: { 'x-esri-authorization': `Bearer ${own}` } }],
        [service, { method: own }],
        [service, { ...form, body: `f=json&token=${own}` }],
        [service, { ...form, body: `f=json&name=${own}` }],
        [`${echo.origin}/rest/services/x/MapServer?f=json`],
        [`${echo.origin}/rest/services/x/MapServer/moved`],
      ]);
    });
    expect(echo.secrets(), 'control: the server had it').not.toEqual([]);
  },
);

test(
  'a page of the origin is told nothing of requests in the name of another page',
  { tag: ['@S8'] },
  async ({ app }) => {
    await signedIn(app);
    // Control: a page that asks is told.
    expect(await app.run(collect, [[app.hosted(countQuery())]])).toContain('signed');
    // Holding the lock of a page is no way to be told what it is told: only that page is.
    const other = await app.newTab();
    await other.open();
    const lock = await app.run(async () => {
      const { held } = await navigator.locks.query();
      return held?.find(({ name }) => name?.startsWith('identity-worker:trace:'))?.name ?? '';
    });
    await other.run(
      (name) =>
        new Promise<void>((resolve) => {
          const told: unknown[] = [];
          Object.assign(window, { told });
          navigator.serviceWorker.addEventListener('message', ({ data }) => told.push(data));
          void navigator.locks.request(name, { mode: 'shared' }, () => {
            resolve();
            return new Promise(() => undefined);
          });
        }),
      lock,
    );
    await app.stopWorker();
    expect(await app.run(collect, [[app.hosted(countQuery(1))]])).toContain('signed');
    expect(await other.run(() => JSON.stringify(Reflect.get(window, 'told')))).not.toContain('traced');
  },
);
