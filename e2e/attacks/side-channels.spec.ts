/** What a signed answer gives away beside its content: its address, its referrer, its place in a cache. */
import { expect, expectRepelled, registeredWith, signedIn, test, type TestApp } from '../support/attack.js';
import { anyOrigin } from '../support/malicious-server.js';

const data = 'Countries/FeatureServer/0?f=json';

for (const [name, attack] of [
  ['fetch', async (url: string) => (await fetch(url)).url],
  [
    'XMLHttpRequest',
    async (url: string) => {
      const request = new XMLHttpRequest();
      request.open('GET', url);
      await new Promise((resolve) => {
        request.addEventListener('loadend', resolve);
        request.send();
      });
      return request.responseURL + request.getAllResponseHeaders();
    },
  ],
  [
    'an answer that was put into a cache and read back',
    async (url: string) => {
      const cache = await caches.open('leaked');
      await cache.add(url);
      const [key] = await cache.keys();
      return `${(await cache.match(url))?.url} ${key?.url}`;
    },
  ],
] as const) {
  test(
    `the address of an answer holds no token: ${name}`,
    { tag: ['@S1'] },
    async ({ app, vulnerableApp }) => {
      await signedIn(app);
      await expectRepelled(app, await vulnerableApp(), (target: TestApp) =>
        target.run(attack, target.hosted(data)),
      );
    },
  );
}

test(
  'a module’s own address, and that of an error in it, hold no token',
  { tag: ['@S1'] },
  async ({ variant, vulnerableApp, maliciousServer, portal }) => {
    const files = await maliciousServer({
      answer: (_, response) => {
        response.writeHead(200, { ...anyOrigin, 'content-type': 'text/javascript' });
        response.end('export const leaked = import.meta.url + new Error().stack;');
        return true;
      },
    });
    const attack = (target: TestApp): Promise<string> =>
      target.run(
        async (url) => ((await import(url)) as { leaked: string }).leaked,
        `${files.origin}/module.js`,
      );
    const ours = await signedIn(
      await variant({ config: registeredWith({ resources: [portal.hostedUrl, files.origin] }) }),
    );
    await expectRepelled(ours, await vulnerableApp({ more: files.origin }), attack);
    expect(files.secrets()).not.toEqual([]);
  },
);

test(
  'the referrer of what a style sheet loads holds no token',
  { tag: ['@S1'] },
  async ({ variant, vulnerableApp, maliciousServer, portal }) => {
    const files = await maliciousServer({
      answer: (_, response) => {
        response.writeHead(200, {
          ...anyOrigin,
          'content-type': 'text/css',
          'referrer-policy': 'unsafe-url',
        });
        response.end(`body { background: url("${portal.foreign.origin}/pixel.png"); }`);
        return true;
      },
    });
    const attack = async (target: TestApp): Promise<string> => {
      portal.log.clear();
      await target.run((href) => {
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = href;
        document.head.append(link);
      }, `${files.origin}/style.css`);
      const [pixel] = [await portal.log.waitFor({ server: 'foreign' })].flat();
      return (pixel as { secrets: readonly string[] }).secrets.join();
    };
    expect(await attack(await vulnerableApp({ more: files.origin })), 'control').not.toBe('');
    const ours = await signedIn(
      await variant({ config: registeredWith({ resources: [portal.hostedUrl, files.origin] }) }),
    );
    expect(await attack(ours)).toBe('');
    expect(files.secrets()).not.toEqual([]);
  },
);

test('timing entries hold no token', { tag: ['@S1'] }, async ({ app, portal }) => {
  await signedIn(app);
  await app.fetchJson(app.hosted(data));
  await app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'));
  const entries = (): Promise<string> => app.run(() => JSON.stringify(performance.getEntries()));
  expect(portal.log.leaks(await entries())).toEqual([]);
  // Control: a token that the page itself writes into an address is there.
  const signed = portal.log.requests({ path: /FeatureServer\/0$/ }).at(-1);
  expect(signed?.secrets.length).toBeGreaterThan(0);
  expect(await entries()).toContain('FeatureServer/0?f=json');
});

test(
  'the next user is not shown the last user’s answer out of the browser’s cache',
  { tag: ['@S11'] },
  async ({ variant, maliciousServer, portal }) => {
    const server = await maliciousServer({
      answer: ({ headers }, response) => {
        const isSigned = 'authorization' in headers;
        response.writeHead(200, {
          ...anyOrigin,
          'content-type': 'text/plain',
          'cache-control': 'max-age=3600',
        });
        response.end(isSigned ? 'for ana only' : 'public');
        return true;
      },
    });
    const ours = await signedIn(
      await variant({
        config: registeredWith({ tokenPlacement: 'header', resources: [portal.hostedUrl, server.origin] }),
      }),
    );
    const url = `${server.origin}/rest/services/x/MapServer/tile/0/0/0`;
    const read = async (): Promise<string> => {
      const seen = await ours.fetch(url);
      return 'text' in seen ? seen.text : seen.error;
    };
    expect(await read()).toBe('for ana only');
    await ours.run(() => window.identity.signOut());
    expect(await read()).toBe('public');
    // Control: the browser itself makes no difference between them.
    const byHand = await ours.page.context().newPage();
    await byHand.goto('about:blank');
    await byHand.goto(`${server.origin}/plain.html`);
    const [first, second] = await byHand.evaluate(async (target) => {
      const signed = await fetch(target, { headers: { authorization: 'Bearer x' } });
      return [await signed.text(), await (await fetch(target)).text()];
    }, `${url}?by-hand`);
    expect([first, second]).toEqual(['for ana only', 'for ana only']);
  },
);

for (const placement of ['auto', 'query', 'header', 'form']) {
  test(
    `a redirect within the server’s own origin shows the page no token: tokenPlacement ${placement}`,
    { tag: ['@S1'] },
    async ({ variant, vulnerableApp, maliciousServer, portal }) => {
      const echo = await maliciousServer({
        answer: ({ url }, response) => {
          const isFirst = !url.pathname.endsWith('/end');
          response.writeHead(isFirst ? 302 : 200, {
            ...anyOrigin,
            ...(isFirst ? { location: `${url.pathname}/end${url.search}` } : {}),
            'content-type': 'application/json',
          });
          response.end('{}');
          return true;
        },
      });
      const options = { tokenPlacement: placement, resources: [portal.hostedUrl, echo.origin] };
      const ours = await signedIn(await variant({ config: registeredWith(options) }));
      await expectRepelled(ours, await vulnerableApp({ more: echo.origin }), (target) =>
        target.run(
          async (url) => (await fetch(url)).url + JSON.stringify(performance.getEntries()),
          `${echo.origin}/rest/services/x/FeatureServer/0?f=json`,
        ),
      );
      expect(echo.secrets()).not.toEqual([]);
    },
  );
}

test(
  'a token that a server writes into its answer is read by the app’s page and by no other origin',
  { tag: ['@S1'] },
  async ({ variant, maliciousServer, portal }) => {
    const echo = await maliciousServer({
      answer: ({ url }, response) => {
        const token = url.searchParams.get('token') ?? '';
        response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json', 'x-echo': token });
        response.end(JSON.stringify({ token }));
        return true;
      },
    });
    const ours = await signedIn(
      await variant({ config: registeredWith({ resources: [portal.hostedUrl, echo.origin] }) }),
    );
    const read = async (target: string): Promise<string> => {
      const answer = await fetch(target);
      return `${answer.headers.get('x-echo')} ${await answer.text()}`;
    };
    const url = `${echo.origin}/rest/services/x/FeatureServer/0?f=json`;
    // What docs/threat-model.md says cannot be prevented: the portal gives its own token away.
    expect(portal.log.leaks(await ours.run(read, url))).not.toEqual([]);
    // Without the app's worker there is nothing to echo.
    const foreignPage = await ours.page.context().newPage();
    await foreignPage.goto(`${portal.foreign.origin}/`);
    expect(portal.log.leaks(await foreignPage.evaluate(read, url))).toEqual([]);
  },
);
