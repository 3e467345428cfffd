/** Attacks on app logins: the endpoint of the tokens, its answers, and the proxy. */
import { appProxy } from 'identity-worker/server';
import type { FetchHandler } from 'identity-worker/server/node';
import { accountOf, appOnly, tokensHandler } from '../support/app-account.js';
import { test } from '../support/attack.js';
import { expect, type Portal, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

/** What page script sends to the endpoint, and what it gets, by name. */
type Attempts = Record<string, string>;

/** Every way in which page script can ask its own server; runs in the page. */
const askAsPageScript = async ([portal, path]: [string, string]): Promise<Attempts> => {
  const body = JSON.stringify({ portal, nonce: 'a-nonce-of-the-attacker' });
  const headers = { 'content-type': 'application/json' };
  const textOf = (work: Promise<Response>): Promise<string> =>
    work.then(async (response) => `${response.status} ${await response.text()}`).catch(String);
  const inFrame = async (): Promise<string> => {
    const frame = document.createElement('iframe');
    frame.src = '/outside-of-the-worker.txt';
    await new Promise((resolve) => {
      frame.addEventListener('load', resolve);
      document.body.append(frame);
    });
    const { contentWindow } = frame as unknown as { contentWindow: typeof window };
    return textOf(contentWindow.fetch(path, { method: 'POST', headers, body }));
  };
  const byXhr = (): Promise<string> =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open('POST', path);
      request.setRequestHeader('content-type', 'application/json');
      request.addEventListener('loadend', () => resolve(`${request.status} ${request.responseText}`));
      request.send(body);
    });
  const inWorker = (): Promise<string> =>
    new Promise((resolve) => {
      const url = new URL(path, location.href).href;
      const init = {
        method: 'POST',
        headers,
        body,
        cache: 'no-store',
        mode: 'same-origin',
        referrer: new URL('/worker.js', url).href,
      };
      const code = `fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).then(async (r) => postMessage(r.status + ' ' + await r.text()), (e) => postMessage(String(e)))`;
      const worker = new Worker(URL.createObjectURL(new Blob([code])));
      worker.addEventListener('message', ({ data }) => resolve(String(data)));
    });
  return {
    plain: await textOf(fetch(path, { method: 'POST', headers, body })),
    'as the worker does': await textOf(
      fetch(path, {
        method: 'POST',
        headers,
        body,
        mode: 'same-origin',
        referrer: '/worker.js',
        cache: 'no-store',
      }),
    ),
    'with headers of its own': await textOf(
      fetch(path, {
        method: 'POST',
        headers: { ...headers, 'sec-fetch-dest': 'serviceworker', 'service-worker': 'script', cookie: 'a=b' },
        body,
      }),
    ),
    'without cookies': await textOf(fetch(path, { method: 'POST', headers, body, credentials: 'omit' })),
    'by XMLHttpRequest': await byXhr(),
    'in a frame': await inFrame(),
    'in a worker': await inWorker(),
    'by GET': await textOf(fetch(path)),
    'by PUT': await textOf(fetch(path, { method: 'PUT', headers, body })),
  };
};

/** Opens the app, and has its worker fetch a token. */
async function opened(app: TestApp): Promise<TestApp> {
  await app.open();
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  return app;
}

const leaksIn = (portal: Portal, attempts: Attempts): string[] =>
  Object.entries(attempts).flatMap(([name, text]) => (portal.log.leaks(text).length > 0 ? [name] : []));

const file = (path: string): { body: string } | undefined =>
  path === '/outside-of-the-worker.txt' ? { body: 'nothing' } : undefined;

test('page script that asks for the app’s token gets nothing that it can read @S10', async ({
  variant,
  portal,
}) => {
  const app = await opened(
    await variant({
      config: appOnly,
      isSealed: true,
      handlers: [tokensHandler(portal, true)],
      intercept: file,
    }),
  );
  const attempts = await app.run(askAsPageScript, [portal.url, '/app-tokens'] as [string, string]);
  expect(leaksIn(portal, attempts)).toEqual([]);
  // Not because the endpoint would not answer at all.
  expect(attempts['plain']).toMatch(/^200 \{"sealed":\["[\w-]+"\]\}$/);
  app.expectNothingLeaked();
});

test.describe('unsealed (control)', () => {
  test('page script gets the app’s token: its fetch looks as the worker’s @S10', async ({
    variant,
    portal,
  }) => {
    const seen: Record<string, string>[] = [];
    const handler = tokensHandler(portal, false);
    const watched: FetchHandler = (request) => {
      if (new URL(request.url).pathname === '/app-tokens' && request.method === 'POST')
        seen.push(Object.fromEntries(request.headers));
      return handler(request);
    };
    const app = await opened(await variant({ config: appOnly, handlers: [watched], intercept: file }));
    const attempts = await app.run(askAsPageScript, [portal.url, '/app-tokens'] as [string, string]);
    expect(leaksIn(portal, attempts)).toContain('plain');
    expect(leaksIn(portal, attempts)).toContain('as the worker does');
    // Client hints, which Chromium sends for documents only, are no difference: a worker that the page starts sends none either.
    const [ofServiceWorker, ...ofPage] = seen.map((headers) => ({ ...headers, 'content-length': '' }));
    expect(ofPage).toContainEqual(ofServiceWorker);
  });
});

/** A page of another site posts to the endpoint in every way that a page can. */
const askFromElsewhere = async ([url, portal]: [string, string]): Promise<Attempts> => {
  const body = JSON.stringify({ portal, nonce: 'a-nonce-of-the-attacker' });
  const textOf = (init: RequestInit): Promise<string> =>
    fetch(url, { method: 'POST', credentials: 'include', body, ...init })
      .then(async (response) => `${response.status} ${response.type} ${await response.text()}`)
      .catch(String);
  const byForm = (): Promise<string> =>
    new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.name = 'target';
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', action: url, target: 'target', enctype: 'text/plain' });
      const field = document.createElement('input');
      field.name = body.slice(0, -1);
      field.value = '"}';
      form.append(field);
      document.body.append(frame, form);
      let loads = 0;
      frame.addEventListener('load', () => {
        loads += 1;
        if (loads > 1) resolve('loaded');
      });
      form.submit();
      setTimeout(() => resolve('not loaded'), 2_000);
    });
  return {
    simple: await textOf({ mode: 'no-cors' }),
    cors: await textOf({ headers: { 'content-type': 'application/json' } }),
    text: await textOf({ headers: { 'content-type': 'text/plain' } }),
    beacon: String(navigator.sendBeacon(url, new Blob([body], { type: 'text/plain' }))),
    form: await byForm(),
  };
};

for (const guard of ['with', 'without'] as const)
  test(`another site’s page gets no token and has none issued: ${guard} the demand on the request${guard === 'with' ? '' : ' (control)'} @S10`, async ({
    variant,
    portal,
    browser,
  }) => {
    const codes: (string | number)[] = [];
    const handler = tokensHandler(portal, false);
    const pretend: FetchHandler = async (request) => {
      if (new URL(request.url).pathname !== '/app-tokens') return undefined;
      const headers = new Headers(request.headers);
      if (guard === 'without') {
        headers.set('sec-fetch-site', 'same-origin');
        headers.set('sec-fetch-dest', 'empty');
        headers.set('sec-fetch-mode', 'cors');
        headers.set('content-type', 'application/json');
      }
      const text = await request.text();
      const changed = new Request(request.url, {
        method: request.method,
        headers,
        ...(text === '' ? {} : { body: text.replace(/=("\})\s*$/, '$1') }),
      });
      const answer = await handler(changed);
      codes.push(answer?.headers.get('identity-worker-refusal') ?? answer?.status ?? 0);
      return answer;
    };
    const app = await variant({ config: appOnly, handlers: [pretend] });
    const elsewhere = await (await browser.newContext()).newPage();
    await elsewhere.goto(portal.foreign.origin).catch(() => undefined);
    await elsewhere.setContent('<p>another site</p>');
    const attempts = await elsewhere.evaluate(askFromElsewhere, [`${app.url}/app-tokens`, portal.url] as [
      string,
      string,
    ]);
    expect(leaksIn(portal, attempts)).toEqual([]);
    await elsewhere.context().close();
    const issued = portal.log.count({ path: /\/oauth2\/token/ });
    if (guard === 'with') {
      expect(new Set(codes.filter((code) => code !== 'method-not-allowed'))).toEqual(
        new Set(['not-a-fetch-of-the-app']),
      );
      expect(issued).toBe(0);
    } else expect(issued).toBe(1);
  });

test('an encrypted answer that was recorded does not open a second time @S10', async ({
  variant,
  portal,
}) => {
  let recorded: Response | undefined;
  let isReplaying = false;
  const handler = tokensHandler(portal, true);
  const replaying: FetchHandler = async (request) => {
    if (isReplaying && new URL(request.url).pathname === '/app-tokens') return recorded?.clone();
    const answer = await handler(request);
    if (answer?.ok) recorded = answer.clone();
    return answer;
  };
  const app = await opened(await variant({ config: appOnly, isSealed: true, handlers: [replaying] }));
  expect(recorded?.ok).toBe(true);
  isReplaying = true;
  await app.stopWorker();
  const { error } = (await app.fetchJson(app.hosted(countQuery(1)))) as { error?: { code: number } };
  expect(error?.code).toBe(499);
  // Control: the server's own answer opens.
  isReplaying = false;
  await app.stopWorker();
  expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
});

test('a sealed worker takes no answer that everybody could read @S10', async ({ variant, portal }) => {
  const app = await variant({ config: appOnly, isSealed: true, handlers: [tokensHandler(portal, false)] });
  await app.open();
  const { error } = (await app.fetchJson(app.hosted(countQuery()))) as { error?: { code: number } };
  expect(error?.code).toBe(499);
  await expect.poll(() => app.consoleLines.join('\n')).toContain('option-invalid');
});

/** Paths that lead out of what is allowed, as far as a page can write them. */
const waysOut = [
  'Places/FeatureServer/../../Countries/FeatureServer/0',
  'Places/FeatureServer/%2e%2e/%2e%2e/Countries/FeatureServer/0',
  'Places/FeatureServer/..%2f..%2fCountries/FeatureServer/0',
  'Places/FeatureServer/..%5c..%5cCountries/FeatureServer/0',
  'Places/FeatureServer/%252e%252e/%252e%252e/Countries/FeatureServer/0',
  'Places/FeatureServer/..;/..;/Countries/FeatureServer/0',
  'Countries/FeatureServer/0',
  'countries/FeatureServer/0',
];

test('the proxy signs what is listed, for the app’s own pages, and shows no token @S10', async ({
  variant,
  portal,
  browser,
}) => {
  const proxy = (allow: string): FetchHandler =>
    appProxy({
      path: '/gis/',
      to: `${portal.hostedUrl}/`,
      account: accountOf(portal),
      allow: [{ path: allow }],
      report: () => undefined,
    });
  const read = async (handler: FetchHandler): Promise<string[]> => {
    const app = await variant({ config: appOnly, handlers: [handler] });
    await app.open();
    const texts: string[] = [];
    for (const way of waysOut) {
      const outcome = await app.fetch(`/gis/${way}?f=json`);
      texts.push('error' in outcome ? outcome.error : outcome.text);
    }
    expect(portal.log.leaks(texts.join('\n'))).toEqual([]);
    return texts.filter((text) => text.includes('"fields"'));
  };
  expect(await read(proxy('Places/FeatureServer'))).toEqual([]);
  // Control: with everything listed the same script reads the layer.
  expect((await read(proxy(''))).length).toBeGreaterThan(0);

  // What is listed cannot be run as script of the app, nor be read by another site.
  const app = await variant({ config: appOnly, handlers: [proxy('Countries/FeatureServer')] });
  await app.open();
  const secured = await app.fetch('/gis/Countries/FeatureServer/0?f=json');
  expect('text' in secured && secured.text).toContain('"fields"');
  const asScript = await app.run(
    () =>
      new Promise<string>((resolve) => {
        const script = document.createElement('script');
        script.src = '/gis/Countries/FeatureServer/0?f=json&callback=alert';
        script.addEventListener('load', () => resolve('ran'));
        script.addEventListener('error', () => resolve('refused'));
        document.head.append(script);
      }),
  );
  expect(asScript).toBe('refused');
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(portal.foreign.origin).catch(() => undefined);
  const before = portal.log.count({ path: /Countries/ });
  await elsewhere.evaluate(
    (url) => fetch(url, { mode: 'no-cors' }).catch(String),
    `${app.url}/gis/Countries/FeatureServer/0`,
  );
  expect(portal.log.count({ path: /Countries/ })).toBe(before);
  await elsewhere.context().close();
});
