/** Installs packages that have a lockfile of their own, apart from the project's, where they are not up to date. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { run } from './run.js';

/** @param folder - With `package.json` and `package-lock.json`. */
export function installPackages(folder: string): void {
  /** A copy of the lockfile that was installed. */
  const installed = `${folder}/node_modules/.installed.json`;
  const lockfile = readFileSync(`${folder}/package-lock.json`, 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lockfile) return;
  run('npm', 'ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
  writeFileSync(installed, lockfile);
}
