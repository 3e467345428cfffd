/** Builds everything that ships or is tested: types, the library's entries, the ready files, the demo, the e2e pages. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { build } from 'vite';
import { modes } from '../vite.config.js';

/** Beginnings of the modes that are wanted; all without any. */
const wanted = process.argv.slice(2);

const types = spawnSync('npx', ['tsc', '-b', 'protocol', 'sw', 'client', 'server'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (types.status !== 0) process.exit(types.status ?? 1);

// Library first: demo and e2e pages import it by its package name, as a user would.
for (const mode of Object.keys(modes)) {
  if (wanted.length > 0 && !wanted.some((beginning) => mode.startsWith(beginning))) continue;
  if (mode === 'demo' && !existsSync('demo/app/index.html')) continue;
  await build({ mode, logLevel: 'warn' });
}
