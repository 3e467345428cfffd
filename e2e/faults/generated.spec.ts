/**
 * Generated histories: whatever goes wrong in whatever order, the invariants hold. A fixed seed and few runs; more by
 * `HISTORY_RUNS=200 HISTORY_SEED=7`, and one again by the `HISTORY_SEED` and `HISTORY_PATH` that a failure prints.
 */
import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import type { AppServer } from '../../demo/app-server.js';
import { expect, onePortal, serveApp, test, type Portal } from '../support/fixtures.js';
import { describeHistory, histories, type History, type Step } from '../support/histories/history.js';
import { violations } from '../support/histories/invariants.js';
import { play, PLAY_MS } from '../support/histories/play.js';

const { HISTORY_SEED: seed = '16', HISTORY_RUNS: runs = '8', HISTORY_PATH: path } = process.env;

/** Longest time for making a failing history smaller, in ms. */
const SHRINK_MS = 120_000;

/** The limits of the worker's requests are five times shorter, in each start of it. */
const shorterLimits =
  'const timeout = AbortSignal.timeout.bind(AbortSignal); AbortSignal.timeout = (ms) => timeout(ms / 5);';

/** The test app. @param before - Runs in the worker before its own script. */
async function serve(portal: Portal, before = ''): Promise<AppServer> {
  const script = await readFile('dist/e2e/worker.js', 'utf8');
  const body = [shorterLimits, before, script].join('\n');
  const headers = { 'content-type': 'text/javascript' };
  return serveApp(portal, {
    config: onePortal,
    intercept: (asked) => (asked === '/worker.js' ? { body, headers } : undefined),
  });
}

test('invariants hold in generated histories', { tag: ['@F1'] }, async ({ browser, portal }) => {
  const numRuns = Number(runs);
  test.setTimeout((numRuns + 1) * PLAY_MS + SHRINK_MS);
  const server = await serve(portal);
  let failedAtMs: number | undefined;
  const property = fc.asyncProperty(histories, async (history: History) => {
    if (failedAtMs !== undefined && Date.now() - failedAtMs > SHRINK_MS) return;
    try {
      const wrong = violations(await play(history, { browser, portal, url: server.url }));
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
    } catch (error) {
      failedAtMs ??= Date.now();
      throw error;
    }
  });
  const parameters = { seed: Number(seed), numRuns, ...(path === undefined ? {} : { path }) };
  const result = await fc.check(property, parameters);
  await server.close();
  const [history] = result.counterexample ?? [];
  const report = history && [
    `HISTORY_SEED=${result.seed} HISTORY_PATH=${result.counterexamplePath} fails.`,
    `Made smaller in ${result.numShrinks} steps:`,
    describeHistory(history),
    String(result.errorInstance),
  ];
  expect(report?.join('\n')).toBeUndefined();
});

const data: Step = { do: 'request', kind: 'data', tab: 0 };
const settled: Step = { do: 'wait' };
const afterExpiry: readonly Step[] = [{ do: 'expire', by: 'the portal' }, data, settled];

/** The worker knows the last token, as if the library had let it out. */
const withToken = (act: string): string => `
  const send = self.fetch.bind(self);
  let token;
  self.fetch = async (input, init) => {
    const url = new URL(input.url ?? input);
    const isOfToken = url.pathname.endsWith('/oauth2/token');
    const response = await (${act});
    if (isOfToken) token = (await response.clone().json()).access_token ?? token;
    return response;
  };`;

for (const [name, before, steps, found] of [
  [
    'a token in a message to the page',
    withToken(
      `(token && self.clients.matchAll().then((all) => all.forEach((one) => one.postMessage({ token }))), send(input, init))`,
    ),
    afterExpiry,
    /the page can read access-/,
  ],
  [
    'a token at a foreign server',
    withToken(
      `(token && url.pathname.startsWith('/server/') ? send(url.href + '&token=' + token) : send(input, init))`,
    ),
    [...afterExpiry, { do: 'request', kind: 'foreign data', tab: 0 }, settled],
    /was sent to the server "foreign"/,
  ],
  [
    'a storm of refreshes',
    withToken(
      `(isOfToken && token ? Promise.all(Array.from({ length: 30 }, () => send(input, init))).then((all) => all[0]) : send(input, init))`,
    ),
    afterExpiry,
    /a storm: \d+ requests in a minute \(refresh\)/,
  ],
  [
    'a token after the sign-out',
    withToken(
      `(token && url.pathname.includes('/Countries/') && !url.searchParams.has('token') ? send(url.href + '&token=' + token) : send(input, init))`,
    ),
    [{ do: 'sign out', tab: 0 }, data, settled],
    /was signed after the sign-out/,
  ],
] as const satisfies readonly (readonly [string, string, readonly Step[], RegExp])[])
  test(`control: a worker that lets this happen is found: ${name}`, async ({ browser, portal }) => {
    const server = await serve(portal, before);
    const history: History = { rotates: false, serverTokenLifetimeS: 3600, steps, ending: 'cancel' };
    expect(violations(await play(history, { browser, portal, url: server.url }))).toContainEqual(
      expect.stringMatching(found),
    );
    await server.close();
  });
