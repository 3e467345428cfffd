/** Runs the commands that a script of the project is made of. */
import { spawnSync } from 'node:child_process';

/** Runs a command, and ends this one with its status where it fails. */
export function run(command: string, ...args: readonly string[]): void {
  const startMs = Date.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  process.stdout.write(`${command} ${args[0]}: ${((Date.now() - startMs) / 1000).toFixed(1)} s\n`);
  if (status !== 0) process.exit(status ?? 1);
}
