/**
 * `npm run test:clients`, of the built package: the tests of map libraries. Their packages have a lockfile of their own and are
 * installed here where they are not up to date; then their pages are checked and built. Arguments are Playwright's.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FOLDER = 'e2e/clients';
/** A copy of the lockfile that was installed. */
const INSTALLED = `${FOLDER}/node_modules/.installed.json`;

/** Runs a command, and ends this one with its status where it fails. */
function run(command: string, ...args: readonly string[]): void {
  const startMs = Date.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  process.stdout.write(`${command} ${args[0]}: ${((Date.now() - startMs) / 1000).toFixed(1)} s\n`);
  if (status !== 0) process.exit(status ?? 1);
}

const lockfile = readFileSync(`${FOLDER}/package-lock.json`, 'utf8');
if (!existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== lockfile) {
  run('npm', 'ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
  writeFileSync(INSTALLED, lockfile);
}
run('npx', 'tsc', '-p', FOLDER);
run('npx', 'vite', 'build', '--config', `${FOLDER}/vite.config.ts`, '--logLevel', 'warn');
run('npx', 'playwright', 'test', '--project=clients', ...process.argv.slice(2));
