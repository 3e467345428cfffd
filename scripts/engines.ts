/** Finds the browsers that the tests of engines run in. On Debian as root, installs those that are missing. */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findChromium } from './chromium.js';
import { installPackages } from './debian-packages.js';

/** Packages of Debian, by engine. Chromium's is that of `chromium.ts`. */
const packages = { firefox: ['firefox-esr'], webkit: ['webkit2gtk-driver', 'xvfb'] } as const;

/** Path of a program; `undefined` where there is none. */
function findProgram(...names: string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** WebKitGTK's own browser: beside the libraries, in a folder that is named after the processor. */
function findMiniBrowser(): string | undefined {
  const root = '/usr/lib';
  if (!existsSync(root)) return undefined;
  return readdirSync(root)
    .flatMap((name) => [
      join(root, name, 'webkit2gtk-4.1', 'MiniBrowser'),
      join(root, name, 'webkitgtk-6.0', 'MiniBrowser'),
    ])
    .find((path) => existsSync(path));
}

/** What an engine needs, by the name of its test project; `undefined` where it is not installed. */
export const engineFinders = {
  chromium: findChromium,
  firefox: () => process.env['FIREFOX_PATH'] ?? findProgram('firefox-esr', 'firefox'),
  webkit: () => {
    const [driver, browser, display] = [
      findProgram('WebKitWebDriver'),
      findMiniBrowser(),
      findProgram('Xvfb'),
    ];
    return driver === undefined || browser === undefined || display === undefined
      ? undefined
      : { driver, browser, display };
  },
} as const;

/** Installs the missing engines. Where that fails, they stay missing, and their tests are skipped. */
export function installEngines(): void {
  const missing = (['firefox', 'webkit'] as const).filter((engine) => engineFinders[engine]() === undefined);
  installPackages(missing.flatMap((engine) => packages[engine]));
}
