/** `ready` means controlled: on the first visit, after a reload, after a hard reload; `inspectClients()` says what is not. */
import { readFileSync } from 'node:fs';
import type { ClientReport } from 'identity-worker';
import { startAppServer } from '../../demo/app-server.js';
import { expect, registeredWith, serveApp, test, TestApp, type Page } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

const isUnderControl = (): boolean => navigator.serviceWorker.controller !== null;

test('the first visit is controlled once the page is ready', { tag: ['@A2'] }, async ({ app }) => {
  await app.open();
  expect(await app.run(isUnderControl)).toBe(true);
});

test(
  'a hard reload, which no worker controls at first, is controlled once the page is ready',
  { tag: ['@A1'] },
  async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    const cdp = await app.page.context().newCDPSession(app.page);
    // Hold the page's script back, to see it uncontrolled before it asks to be claimed.
    let release: () => void = () => undefined;
    await app.page.route('**/page.js', async (route) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      await route.continue();
    });
    const reloaded = app.page.waitForRequest('**/page.js');
    await cdp.send('Page.reload', { ignoreCache: true });
    await reloaded;
    expect(await app.page.evaluate(isUnderControl)).toBe(false);
    release();
    await app.ready();
    expect(await app.run(isUnderControl)).toBe(true);
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
  },
);

/** What `inspectClients()` answers in a page or frame, in short. */
const report = (page: Pick<Page, 'evaluate'>): Promise<string[]> =>
  page.evaluate(async () => {
    const short = ({ kind, url, isControlled, reason }: ClientReport): string =>
      `${kind} ${url.replace(location.origin, '')} ${isControlled ? '+' : '-'} ${reason}`;
    return (await window.identity.inspectClients()).map(short);
  });

const html = (body: string, headers: Record<string, string> = {}) => ({
  headers: { 'content-type': 'text/html', ...headers },
  body,
});
const script = (body: string) => ({ headers: { 'content-type': 'text/javascript' }, body });

test.describe('inspectClients()', () => {
  test(
    'reports every client around a page, and why it is not signed',
    { tag: ['@A13'] },
    async ({ portal, page, context }) => {
      const server = await serveApp(portal, {
        config: registeredWith({ redirectUri: '/in/' }),
        intercept: (path) => {
          if (path === '/in/') return html(readFileSync('e2e/pages/index.html', 'utf8'));
          if (path.endsWith('/sandbox.html'))
            return html('', { 'content-security-policy': 'sandbox allow-scripts' });
          if (path.endsWith('/plain.html')) return html('<title>Plain</title>');
          if (path.endsWith('/idle.js')) return script('onmessage = () => undefined');
          return undefined;
        },
      });
      const app = new TestApp(page, portal, server.url);
      await app.open('/in/?scope=/in/&secret=1');
      const tab = await context.newPage();
      await tab.goto(`${server.url}/in/plain.html?secret=1`);
      const cdp = await context.newCDPSession(tab);
      await Promise.all([tab.waitForEvent('load'), cdp.send('Page.reload', { ignoreCache: true })]);
      await page.evaluate(
        async (foreign) => {
          const deep = await navigator.serviceWorker.register('/idle.js', { scope: '/in/deep/' });
          while (deep.active?.state !== 'activated') await new Promise(requestAnimationFrame);
          const frame = (attributes: Record<string, string>, name = 'iframe'): Promise<unknown> => {
            const element = document.createElement(name);
            for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
            const loaded = new Promise((resolve) => element.addEventListener('load', resolve));
            document.body.append(element);
            return loaded;
          };
          for (const src of [
            '/in/plain.html?secret=2',
            '/out/plain.html',
            '/in/deep/plain.html',
            '/in/sandbox.html',
          ])
            await frame({ src });
          await frame({ src: `${foreign}/in/plain.html?secret=3` });
          await frame({ src: '/in/plain.html', sandbox: 'allow-scripts' });
          await frame({ src: 'data:text/html,secret' });
          await frame({ srcdoc: '<p>ours' });
          await frame({});
          await frame({ src: URL.createObjectURL(new Blob(['<p>blob'], { type: 'text/html' })) });
          await frame({ data: '/in/plain.html' }, 'object');
          // One that the app's own router has moved on.
          const [first] = document.querySelectorAll('iframe');
          first?.contentWindow?.history.pushState({}, '', '/in/moved?secret=4');
          const sources = ['/in/idle.js?secret=5', '/out/idle.js', 'data:text/javascript,onmessage=()=>0'];
          const blob = URL.createObjectURL(new Blob(['onmessage = () => undefined']));
          const workers = [...sources, blob].map((source) => new Worker(source));
          const shared = new SharedWorker('/in/idle.js');
          // Kept, or they are collected.
          Object.assign(window, { workers, shared });
        },
        server.url.replace('localhost', '127.0.0.1'),
      );
      // Workers start in a while of their own.
      await expect
        .poll(async () => (await report(page)).filter((line) => line.includes('worker ')).length)
        .toBe(4);
      const [own, ...others] = await report(page);
      expect(own).toBe('page /in/ + controlled');
      expect(others.sort()).toEqual(
        [
          'frame /in/moved + controlled',
          'frame /out/plain.html - outside-scope',
          'frame /in/deep/plain.html - other-worker',
          'frame /in/sandbox.html - foreign-origin',
          `frame ${server.url.replace('localhost', '127.0.0.1')}/in/plain.html - foreign-origin`,
          'frame /in/plain.html - opaque-origin',
          'frame data: - opaque-origin',
          'frame about:srcdoc + controlled',
          'frame about:blank - blank-frame',
          'frame blob: - blank-frame',
          'frame /in/plain.html - object-frame',
          'page /in/plain.html - opened-before-worker',
          'worker /in/idle.js + controlled',
          'worker /out/idle.js - worker-script-outside-scope',
          'worker blob: + controlled',
          'shared-worker /in/idle.js + controlled',
        ].sort(),
      );
      await server.close();
    },
  );

  test(
    'reports a hard reload until the page is claimed, and fires an event when it is',
    { tag: ['@A1'] },
    async ({ app }) => {
      await app.open();
      const cdp = await app.page.context().newCDPSession(app.page);
      // The claim does not arrive before the test says so.
      await app.page.addInitScript(() => {
        // oxlint-disable-next-line typescript/unbound-method -- called with the worker it was called on
        const { postMessage } = ServiceWorker.prototype;
        ServiceWorker.prototype.postMessage = function (this: ServiceWorker, ...given: [unknown]) {
          const send = (): void => Reflect.apply(postMessage, this, given);
          if ((given[0] as { type?: string }).type !== 'identity:claim') send();
          else Object.assign(window, { claim: send });
        };
      });
      await Promise.all([app.page.waitForEvent('load'), cdp.send('Page.reload', { ignoreCache: true })]);
      await app.run(async () => {
        while (!('claim' in window)) await new Promise(requestAnimationFrame);
        window.identity.addEventListener('controller-changed', () => {
          document.body.dataset['changed'] = 'yes';
        });
      });
      expect(await report(app.page)).toEqual(['page / - hard-reloaded']);
      await app.run(() => (Reflect.get(window, 'claim') as () => void)());
      await app.ready();
      expect(await report(app.page)).toEqual(['page / + controlled']);
      await expect.poll(() => app.run(() => document.body.dataset['changed'])).toBe('yes');
    },
  );

  test('reports the error that keeps the worker from the page', async ({ app }) => {
    await app.page.goto(`${app.url}/?worker=/nowhere.js`);
    await app.run(() => window.identity.ready.catch(() => undefined));
    const [own, ...others] = await app.run(() => window.identity.inspectClients());
    expect(own).toEqual({
      kind: 'page',
      url: `${app.url}/`,
      isControlled: false,
      reason: 'worker-script-missing',
      message: expect.stringContaining('/nowhere.js'),
    });
    expect(others).toEqual([]);
  });

  test('reports a browser without service workers', { tag: ['@A4'] }, async ({ app }) => {
    await app.page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
    await app.page.goto(app.url);
    expect(await report(app.page)).toEqual(['page / - service-worker-unsupported']);
  });

  test('reports a page outside the scope', async ({ app }) => {
    await app.page.goto(`${app.url}/?scope=/signed-in.html`);
    await app.run(() => window.identity.ready.catch(() => undefined));
    expect(await report(app.page)).toEqual(['page / - outside-scope']);
  });

  test.describe('in a sandbox', () => {
    test.use({
      appHeaders: {
        'content-security-policy': 'sandbox allow-scripts',
        'access-control-allow-origin': '*',
      },
    });
    test('reports a page in a sandbox', async ({ app }) => {
      await app.page.goto(app.url);
      expect(await report(app.page)).toEqual([expect.stringMatching(/^page .* - opaque-origin$/)]);
    });
  });

  test('reports a frame whose parent page is of another site', { tag: ['@A12'] }, async ({ app }) => {
    const around = await startAppServer({
      folders: [],
      intercept: () => html(`<iframe src="${app.url}/"></iframe>`),
    });
    await app.page.goto(around.url.replace('localhost', '127.0.0.1'));
    const frame = app.page.frames()[1]!;
    await frame.waitForFunction(() => 'identity' in window);
    await frame.evaluate(() => window.identity.ready);
    expect(await report(frame)).toEqual(['frame / + foreign-parent']);
    await around.close();
  });
});

test('on the first visit the first request after ready is signed', { tag: ['@A2'] }, async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  // A visit without a worker, but with the session: what a browser update or a cleared registration leaves.
  await app.run(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations())
      await registration.unregister();
  });
  await app.page.reload();
  const answer = await app.run(async (url) => {
    while (!('identity' in window)) await new Promise(requestAnimationFrame);
    await window.identity.ready;
    return (await fetch(url)).json() as Promise<unknown>;
  }, app.hosted(countQuery()));
  expect(answer).toEqual(aCount);
  expect(app.portal.log.requests({ path: /query$/ })).toMatchObject([{ tokenPlacement: 'query' }]);
});
