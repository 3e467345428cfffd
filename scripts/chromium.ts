/** Finds a Chromium for the browser tests, and installs Debian's where there is none and it may. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

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

/**
 * What the browsers of the tests go without. The second list of this flag is the one that counts: Playwright's own is
 * repeated here, but for the partitioning of storage, which users' browsers have.
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
  // The address bar's pages: a third of the time of a short test, and nobody types.
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
];

/** Flags for a quiet, self-contained browser; the sandbox needs a user other than root. */
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

/** Makes sure that there is a browser. @returns What to do where there is none and this may not install one. */
export function ensureChromium(): string | undefined {
  const found = findChromium();
  if (found !== undefined) {
    return existsSync(found)
      ? undefined
      : `CHROMIUM_PATH names ${found}, and there is no such file. Correct it or unset it.`;
  }
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
      spawnSync('apt-get', args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    }
    if (findChromium() !== undefined) return undefined;
  }
  return 'The browser tests need Chromium: install your system\'s package ("chromium"), run "npx playwright install chromium", or set CHROMIUM_PATH.';
}
