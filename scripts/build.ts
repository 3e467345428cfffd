/** Builds everything that ships or is tested: types, the library's entries, the ready files, the demo, the e2e pages. */
import { existsSync, rmSync } from 'node:fs';
import { build } from 'vite';
import { modes } from '../vite.config.js';
import { tsc } from './tsc.js';

/** Builds only the modes that begin with one of these; without any, all modes. */
const wanted = process.argv.slice(2);

// Files of an earlier build must not be published.
if (wanted.length === 0)
  for (const folder of ['dist', 'testing/dist']) rmSync(folder, { recursive: true, force: true });

tsc('-b', 'protocol', 'sw', 'client', 'server', 'vite', 'testing', 'cli');

// The library comes first: demo and e2e pages import it by its package name, as apps do.
for (const mode of Object.keys(modes)) {
  if (wanted.length > 0 && !wanted.some((beginning) => mode.startsWith(beginning))) continue;
  if (mode === 'demo' && !existsSync('demo/app/index.html')) continue;
  await build({ mode, logLevel: 'warn' });
}
