/**
 * `npm run test:examples`, of the built package: the examples that are built with packages which the project itself does not need. They
 * are installed here. Arguments are Playwright's.
 */
import { installPackages } from './install-packages.js';
import { run } from './run.js';

installPackages('examples');
run('npx', 'playwright', 'test', '--project=examples', ...process.argv.slice(2));
