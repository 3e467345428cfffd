/** No address that a page can read holds a token, in whatever way a file of the portal is loaded. */
import { registeredWith } from '../support/fixtures.js';
import { expect, test, type EngineApp, type EnginePage, type Portal } from './fixtures.js';
import { loadInEveryWay } from './loading.js';

/** The ways of loading that showed a secret, with the labels of what was seen. */
async function leaks(page: EnginePage, portal: Portal): Promise<Record<string, string[]>> {
  const found = await page.run(loadInEveryWay, `${portal.hostedUrl}/Files`);
  return Object.fromEntries(
    found
      .map(([way, text]) => [way, portal.log.leaks(text)] as const)
      .filter(([, labels]) => labels.length > 0),
  );
}

/** The ways in which a file was loaded with a token. */
const signedWays = (portal: Portal): Set<string> =>
  new Set(
    portal.log
      .requests({ path: /\/Files\// })
      .filter(({ secrets }) => secrets.length > 0)
      .map(({ query }) => new URLSearchParams(query).get('way') ?? ''),
  );

async function expectNothingSeen(app: EngineApp): Promise<void> {
  await app.open();
  await app.signIn('ana');
  expect(await leaks(app.page, app.portal)).toEqual({});
  // They did arrive with a token.
  const signed = signedWays(app.portal);
  for (const way of ['fetch', 'import()', '<img>', '<script type=module>', 'EventSource'])
    expect([...signed]).toContain(way);
}

test.setTimeout(120_000);

test('addresses: no way of loading shows a token', { tag: '@smoke' }, async ({ app }) => {
  await expectNothingSeen(app);
});

for (const tokenPlacement of ['header', 'query'])
  test.describe(tokenPlacement, () => {
    test.use({ identityConfig: registeredWith({ tokenPlacement }) });

    test(`addresses: no way of loading shows a token, tokenPlacement ${tokenPlacement}`, async ({ app }) => {
      await app.open();
      await app.signIn('ana');
      expect(await leaks(app.page, app.portal)).toEqual({});
    });
  });

test('addresses, control: a worker that hands on the responses of the network shows tokens', async ({
  vulnerable,
  portal,
}) => {
  const { page } = await vulnerable();
  expect(Object.keys(await leaks(page, portal))).toEqual(
    expect.arrayContaining(['fetch', 'XMLHttpRequest ', 'import()', '<script type=module>']),
  );
});
