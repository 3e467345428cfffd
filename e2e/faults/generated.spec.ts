/**
 * Generated histories: whatever goes wrong in whatever order, the invariants hold. A fixed seed and few runs; more by
 * `HISTORY_RUNS=200 HISTORY_SEED=7`, and one again by the `HISTORY_SEED` and `HISTORY_PATH` that a failure prints.
 */
import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { expect, onePortal, serveApp, test } from '../support/fixtures.js';
import { describeHistory, histories, type History } from '../support/histories/history.js';
import { violations } from '../support/histories/invariants.js';
import { play } from '../support/histories/play.js';

const { HISTORY_SEED: seed = '16', HISTORY_RUNS: runs = '8', HISTORY_PATH: path } = process.env;

/** Longest time for one history, in ms, and for making a failing one smaller. */
const RUN_MS = 30_000;
const SHRINK_MS = 120_000;

/** The limits of the worker's requests are five times shorter, in each start of it. */
const shorterLimits =
  'const timeout = AbortSignal.timeout.bind(AbortSignal); AbortSignal.timeout = (ms) => timeout(ms / 5);';

test('invariants hold in generated histories', { tag: ['@F1'] }, async ({ browser, portal }) => {
  const numRuns = Number(runs);
  test.setTimeout(numRuns * RUN_MS + SHRINK_MS);
  const script = await readFile('dist/e2e/worker.js', 'utf8');
  const server = await serveApp(portal, {
    config: onePortal,
    intercept: (asked) =>
      asked === '/worker.js'
        ? { body: `${shorterLimits}\n${script}`, headers: { 'content-type': 'text/javascript' } }
        : undefined,
  });
  let failedAtMs: number | undefined;
  const property = fc.asyncProperty(histories, async (history: History) => {
    if (failedAtMs !== undefined && Date.now() - failedAtMs > SHRINK_MS) return;
    const wrong = violations(await play(history, { browser, portal, url: server.url }));
    if (wrong.length === 0) return;
    failedAtMs ??= Date.now();
    throw new Error(wrong.join('\n'));
  });
  const result = await fc.check(property, {
    seed: Number(seed),
    numRuns,
    ...(path === undefined ? {} : { path }),
  });
  await server.close();
  const [history] = result.counterexample ?? [];
  const report = history
    ? `HISTORY_SEED=${result.seed} HISTORY_PATH=${result.counterexamplePath} fails, after ${result.numShrinks} steps made smaller:\n${describeHistory(history)}\n${String(result.errorInstance)}`
    : '';
  expect(report).toBe('');
});
