/** The tests that run in three engines, each a project. An engine that is not installed has its tests skipped. */
import { defineConfig } from '@playwright/test';
import { engines, type Engine } from './driver.js';

export default defineConfig<object, { engine: Engine }>({
  testDir: '.',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // One browser for each engine: a worker has the tests of a project in their order.
  fullyParallel: false,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['list'], ['./table-reporter.ts']],
  projects: engines.map((engine) => ({ name: engine, use: { engine } })),
});
