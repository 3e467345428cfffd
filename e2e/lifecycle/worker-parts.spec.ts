/** Workers of the core: what they do without a part, with it, and what they say where an option needs a missing one. */
import { expect, registration, serveApp, test, TestApp, type Portal } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

/** Opens the test app under a worker of the core. */
async function openCore(
  app: TestApp,
  portal: Portal,
  names: readonly string[],
  changes: Record<string, unknown> = {},
  query = '',
): Promise<{ core: TestApp; close: () => Promise<void> }> {
  const config = { arcgis: [{ ...registration(portal), ...changes }], names };
  const server = await serveApp(portal, { config: { make: () => config } });
  const core = new TestApp(app.page, portal, server.url);
  await core.page.goto(`${server.url}/?worker=/core-worker.js${query}`);
  return { core, close: () => server.close() };
}

const readyCode = (app: TestApp): Promise<string> =>
  app.run(() =>
    window.identity.ready.then(
      () => 'ready',
      (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
    ),
  );

test('without parts the portal’s requests are signed, and those of a federated server are not', async ({
  app,
  portal,
}) => {
  const { core, close } = await openCore(app, portal, []);
  await core.signIn('ana');
  expect(await core.fetchJson(core.hosted(countQuery()))).toEqual(aCount);
  portal.log.clear();
  expect(await core.fetchJson(core.federated(countQuery()))).toMatchObject({ error: { code: 499 } });
  expect(portal.log.requests({ path: /generateToken|rest\/info/ })).toEqual([]);
  await close();
});

test('with federation a federated server gets its token', async ({ app, portal }) => {
  const { core, close } = await openCore(app, portal, ['federation']);
  await core.signIn('ana');
  expect(await core.fetchJson(core.federated(countQuery()))).toEqual(aCount);
  await close();
});

test('with activity the page is told what was done to its requests', async ({ app, portal }) => {
  const { core, close } = await openCore(app, portal, ['activity']);
  await core.signIn('ana');
  const outcome = await core.run(
    (url) =>
      new Promise<string>((resolve) => {
        window.identity.addEventListener('activity', (event) => resolve(event.activity.outcome));
        void fetch(url);
      }),
    core.hosted(countQuery()),
  );
  expect(outcome).toBe('signed');
  await close();
});

test('with strict callback the worker takes the code', async ({ app, portal }) => {
  const { core, close } = await openCore(app, portal, ['strictCallback'], { callback: 'worker' });
  await core.signIn('ana');
  expect(await core.fetchJson(core.hosted(countQuery()))).toEqual(aCount);
  await close();
});

test('all parts together sign in and fetch', async ({ app, portal }) => {
  const all = [
    'federation',
    'webTier',
    'strictCallback',
    'redirectReturn',
    'sealedLevel',
    'keepalive',
    'staticRoutes',
    'activity',
    'clientList',
  ];
  const { core, close } = await openCore(app, portal, all, { callback: 'worker' });
  await core.signIn('ana');
  expect(await core.fetchJson(core.hosted(countQuery()))).toEqual(aCount);
  await close();
});

for (const [option, part, changes] of [
  ['servers', 'federation', { servers: ['https://gis.example.org/server'] }],
  ['webTier', 'web-tier', { webTier: true }],
  ['callback', 'strict-callback', { callback: 'worker' }],
  ['persistence', 'sealed-level', { persistence: 'sealed' }],
] as const) {
  test(`the option ${option} without its part is refused, and names the part ${part}`, async ({
    app,
    portal,
  }) => {
    const { core, close } = await openCore(app, portal, [], changes);
    expect(await readyCode(core)).toBe('part-missing');
    const message = await core.run(() => window.identity.ready.catch((error: unknown) => String(error)));
    expect(message).toContain(`"${part}"`);
    await close();
  });
}

test('a sign-in in place of the page without its part says so, and leaves the page where it is', async ({
  app,
  portal,
}) => {
  const { core, close } = await openCore(app, portal, [], {}, '&login=redirect');
  expect(await readyCode(core)).toBe('ready');
  const { origin } = new URL(core.page.url());
  await core.run(() => void window.identity.signIn().catch(() => undefined));
  await expect(core.page.getByRole('dialog').getByRole('alert')).toBeVisible();
  expect(new URL(core.page.url()).origin).toBe(origin);
  await close();
});

test('with the list of clients a page is told of the other pages, and without it that the part is missing', async ({
  app,
  portal,
}) => {
  const reports = (): Promise<string[]> =>
    window.identity.inspectClients().then((all) => all.map(({ kind, reason }) => `${kind} ${reason}`));
  for (const [parts, told] of [
    [[], ['page part-missing']],
    [['clientList'], ['page controlled', 'page controlled']],
  ] as const) {
    const { core, close } = await openCore(app, portal, parts);
    const second = await core.page.context().newPage();
    await second.goto(core.page.url());
    await second.evaluate(() => window.identity.ready);
    expect(await core.run(reports)).toEqual(told);
    await second.close();
    await close();
  }
});
