/**
 * `npm run test:clients`, of the built package: the tests of map libraries. Their packages are installed here; then their pages are
 * checked and built. Arguments are Playwright's.
 */
import { installPackages } from './install-packages.js';
import { run } from './run.js';
import { tsc } from './tsc.js';

const FOLDER = 'e2e/clients';

installPackages(FOLDER);
tsc('-p', FOLDER);
run('npx', 'vite', 'build', '--config', `${FOLDER}/vite.config.ts`, '--logLevel', 'warn');
run('npx', 'playwright', 'test', '--project=clients', ...process.argv.slice(2));
