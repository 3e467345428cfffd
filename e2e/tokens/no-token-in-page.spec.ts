/** No secret in any place that page script can read, with a control that shows that the search finds secrets. */
import { expect, test, type Page } from '../support/fixtures.js';
import { countQuery } from '../support/services.js';
import { dumpGlobals, dumpStorage } from '../../testing/page-search.js';

/** Keeps every message that the page gets from the worker. */
const keepMessages = (): void => {
  const kept: string[] = [];
  Object.assign(window, { kept });
  navigator.serviceWorker.addEventListener('message', ({ data }) => kept.push(JSON.stringify(data)));
  new BroadcastChannel('identity-worker:activity').addEventListener('message', ({ data }) =>
    kept.push(JSON.stringify(data)),
  );
};

test(
  'no token, code, verifier or refresh token anywhere in the page, through a whole session',
  { tag: ['@S1', '@user-interface'] },
  async ({ app, portal }) => {
    const addresses: string[] = [];
    const note = (page: Page): void => void page.on('framenavigated', (frame) => addresses.push(frame.url()));
    app.page.context().on('page', note);
    await app.page.addInitScript(keepMessages);
    await app.open();
    const seen: unknown[] = [];

    // A challenge, an image, a form, an error, a refresh, a second error.
    const first = app.fetch(app.hosted(countQuery()));
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    seen.push(await first);
    await app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'));
    await app.loadImage(app.hosted('Terrain/MapServer/tile/1/1/1'), 'anonymous');
    seen.push(
      await app.fetch(app.hosted(countQuery()), {
        method: 'POST',
        body: 'f=json',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    );
    seen.push(await app.fetch(app.federated(countQuery())));
    portal.control.expireAccessTokens();
    seen.push(await app.fetch(app.hosted(countQuery())));
    portal.control.expireAccessTokens();
    const repair = portal.control.fault('/oauth2/token', { status: 503 });
    seen.push(await app.fetch(app.hosted(countQuery())));
    repair();
    seen.push(
      await app.run(async (url) => {
        const request = new XMLHttpRequest();
        request.open('GET', url);
        await new Promise((resolve) => {
          request.addEventListener('loadend', resolve);
          request.send();
        });
        return [request.responseURL, request.getAllResponseHeaders(), request.responseText];
      }, app.hosted(countQuery())),
    );
    seen.push(
      await app.run(async () => {
        const wrong = await window.identity
          .setOAuthCodeForUrl('https://unknown.example', 'guess')
          .catch(String);
        return [
          wrong,
          JSON.stringify(window.identity.credentials),
          await window.identity.signIn({ portal: 'https://unknown.example' }).catch(String),
        ];
      }),
    );

    const page = {
      answers: JSON.stringify(seen),
      messages: await app.run(() => JSON.stringify(Reflect.get(window, 'kept'))),
      globals: await app.run(dumpGlobals),
      storage: await app.run(dumpStorage),
      console: app.consoleLines.join('\n'),
    };
    expect(page.messages).toContain('identity:code-required');
    expect(page.storage).toContain('identity-worker://states');
    for (const [place, text] of Object.entries(page)) expect(portal.log.leaks(text), place).toEqual([]);

    // Control: the search does find what was once in an address, and what lies in a store in clear.
    expect(portal.log.leaks(addresses.join('\n'))).not.toEqual([]);
    const code =
      new URL(addresses.find((address) => address.includes('code=')) ?? '').searchParams.get('code') ?? '';
    await app.run((value) => {
      localStorage.setItem('control', value);
    }, code);
    expect(portal.log.leaks(await app.run(dumpStorage))).not.toEqual([]);
  },
);
