/** `npm test`: every check of the project, the cheapest first. Stops at the first that fails. */
import { spawnSync } from 'node:child_process';
import { ensureChromium } from './chromium.js';
import { installWebServers } from './web-servers.js';

const missing = ensureChromium();
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  process.exit(1);
}

installWebServers();

const scripts = [
  ['typecheck'],
  ['lint'],
  ['test:unit'],
  ['build'],
  ['docs:site'],
  ['check:package'],
  ['test:e2e'],
  ['test:examples'],
  ['test:clients'],
  ['test:engines', '--', '--smoke'],
];

for (const script of scripts) {
  process.stdout.write(`\nnpm run ${script.join(' ')}\n`);
  const startedAtMs = Date.now();
  const { status } = spawnSync('npm', ['run', '--silent', ...script], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.stdout.write(`${script[0]}: ${Math.round((Date.now() - startedAtMs) / 1000)} s\n`);
  if (status !== 0) process.exit(status ?? 1);
}
