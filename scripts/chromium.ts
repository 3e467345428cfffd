/** Finds Chromium, and its headless shell, for the browser tests. On Debian as root, installs what is not there. */
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { installPackages } from './debian-packages.js';

const wellKnown = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a browser: the one named by `CHROMIUM_PATH`, Playwright's own, or the system's; `undefined` where there is none. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') return named;
  return [chromium.executablePath(), ...wellKnown].find((path) => existsSync(path));
}

/** Debian's own script beside it does not start it. */
const wellKnownShells = ['/usr/lib/chromium/chromium-headless-shell'];

/**
 * Path of the headless shell: Chromium without a user interface, in which a test takes half the time. It has no popup blocker, for one:
 * tests of what the user interface does are tagged `@user-interface`, and run in the whole browser.
 *
 * @returns The whole browser's path where `CHROMIUM_PATH` names one, or where there is no shell.
 */
export function findHeadlessShell(): string | undefined {
  const isNamed = (process.env['CHROMIUM_PATH'] ?? '') !== '';
  return isNamed ? findChromium() : (wellKnownShells.find((path) => existsSync(path)) ?? findChromium());
}

/**
 * Features that are off in the tests. This list replaces Playwright's, so it repeats that one, except the partitioning of
 * storage, which users' browsers have.
 */
const disabledFeatures = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  // The address bar's pages take a third of the time of a short test.
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
];

/** Flags for a browser without background traffic. The sandbox does not work for root. */
export const chromiumArgs = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${disabledFeatures.join(',')}`,
];

/** Makes sure that there is a browser. @returns Instructions where there is none and it could not be installed. */
export function ensureChromium(): string | undefined {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '')
    return existsSync(named)
      ? undefined
      : `CHROMIUM_PATH names ${named}, and there is no such file. Correct it or unset it.`;
  if (findChromium() === undefined) installPackages(['chromium']);
  // By itself: not every release of Debian has it.
  if (findHeadlessShell() === findChromium()) installPackages(['chromium-headless-shell']);
  if (findChromium() !== undefined) return undefined;
  return 'The browser tests need Chromium: install your system\'s package ("chromium"), run "npx playwright install chromium", or set CHROMIUM_PATH.';
}
