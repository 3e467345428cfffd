/** Installs packages on Debian, for root. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** @param names - Packages. Elsewhere, or where it fails, they stay missing: the caller looks. */
export function installPackages(names: readonly string[]): void {
  if (names.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...names]])
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
}
