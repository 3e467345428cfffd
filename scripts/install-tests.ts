/** `npm run install:tests`: what the tests need beside the project's own packages: browsers, web servers, map libraries, frameworks. */
import { ensureChromium } from './chromium.js';
import { installEngines } from './engines.js';
import { installPackages } from './install-packages.js';
import { installWebServers } from './web-servers.js';

const missing = ensureChromium();
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  process.exit(1);
}
installWebServers();
installEngines();
installPackages('e2e/clients');
installPackages('examples');
