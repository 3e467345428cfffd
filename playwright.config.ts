/** The browser tests: real Chromium, a real authorization server, no retries: a flake is a bug. */
import { defineConfig } from '@playwright/test';
import { chromiumArgs, findChromium, findHeadlessShell } from './scripts/chromium.js';

const launchOptions = (executablePath: string | undefined) => ({
  headless: true,
  ...(executablePath === undefined ? {} : { executablePath }),
  args: chromiumArgs,
  // Playwright switches off what a user's browser has: popups are blocked without a click, and storage is partitioned.
  ignoreDefaultArgs: ['--disable-popup-blocking'],
});

/** The examples that `npm run test:examples` installs packages for. */
const examples = '**/e2e/examples/integrations.spec.ts';
// Those of three engines have a configuration of their own, in their folder.
const testIgnore = ['**/e2e/{engines,clients}/**', '**/*.slow.spec.ts', examples];
const userInterface = /@user-interface/;

export default defineConfig({
  testDir: 'e2e',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env['CI']),
  reporter: 'list',
  projects: [
    {
      name: 'e2e',
      testIgnore,
      grepInvert: userInterface,
      use: { launchOptions: launchOptions(findHeadlessShell()) },
    },
    // What the headless shell lacks, as the popup blocker.
    { name: 'e2e-user-interface', testIgnore, grep: userInterface },
    { name: 'examples', testMatch: examples },
    // Map libraries, installed and built by `npm run test:clients`.
    {
      name: 'clients',
      testMatch: '**/e2e/clients/*.spec.ts',
      use: { viewport: { width: 480, height: 360 } },
    },
    // Waits out the browser's own limits: minutes a test, by `npm run test:slow` only.
    { name: 'slow', testMatch: '**/*.slow.spec.ts' },
  ],
  use: {
    serviceWorkers: 'allow',
    trace: 'off',
    screenshot: 'off',
    launchOptions: launchOptions(findChromium()),
  },
});
