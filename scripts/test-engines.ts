/**
 * `npm run test:engines`, of the built package: the tests of three engines. Without arguments all of them, and `docs/browsers.md` is
 * written; `-- --smoke` the short set of `npm test`, in Firefox and WebKit: Chromium has all the other browser tests; further arguments
 * are Playwright's (`-- --project=firefox -g offline`).
 */
import { spawnSync } from 'node:child_process';
import { installEngines } from './engines.js';

const [, , ...given] = process.argv;
const isSmoke = given.includes('--smoke');
const rest = given.filter((argument) => argument !== '--smoke');
const isAll = !isSmoke && rest.length === 0;

installEngines();
const { status } = spawnSync(
  'npx',
  [
    'playwright',
    'test',
    '--config=e2e/engines/playwright.config.ts',
    ...(isSmoke ? ['--grep=@smoke', '--project=firefox', '--project=webkit'] : []),
    ...rest,
  ],
  {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ...(isAll ? { ENGINES_TABLE: 'docs/browsers.md' } : {}) },
  },
);
process.exit(status ?? 1);
