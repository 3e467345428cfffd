/** Whether git could show what `init` has changed, apart from what was changed before. */
import { execFileSync } from 'node:child_process';

/** Paths in the folder with changes that are not committed. Empty where it is in no repository, or where there is no git. */
export function uncommitted(folder: string): string[] {
  try {
    const status = execFileSync(
      'git',
      // Neither a program that the repository names, nor a change of its index.
      [
        '-c',
        'core.fsmonitor=false',
        '--no-optional-locks',
        'status',
        '--porcelain',
        '-z',
        '--no-renames',
        '.',
      ],
      { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    return status
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => line.slice(3));
  } catch {
    return [];
  }
}
