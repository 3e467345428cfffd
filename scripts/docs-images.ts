/** `npm run docs:images`: has the tests that show something take their pictures, into `docs/images/`. Needs a build. */
import { spawnSync } from 'node:child_process';

const { status } = spawnSync(
  'npx',
  ['playwright', 'test', '--project=e2e', '--project=e2e-user-interface', '--workers=1', '-g', '@picture'],
  {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, DOCS_IMAGES: '1' },
  },
);
process.exitCode = status ?? 1;
