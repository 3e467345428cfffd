/** `npm test`: every check of the project, the cheapest first. Stops at the first that fails. */
import { spawn } from 'node:child_process';
import { ensureChromium } from './chromium.js';
import { installWebServers } from './web-servers.js';

const missing = ensureChromium();
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  process.exit(1);
}

installWebServers();

/** One after the other; what stands together uses one processor each, and runs at the same time. */
const steps = [
  ['typecheck', 'lint'],
  ['build'],
  ['test:unit'],
  ['docs:site', 'check:package'],
  ['test:e2e'],
  ['test:examples'],
  ['test:clients'],
  ['test:engines -- --smoke'],
];

/**
 * Runs a script of package.json.
 *
 * @param isShown - Whether its output is shown as it comes; otherwise when it has ended.
 * @returns Its exit code.
 */
async function run(script: string, isShown: boolean): Promise<number> {
  process.stdout.write(`\nnpm run ${script}\n`);
  const startedAtMs = Date.now();
  const child = spawn('npm', ['run', '--silent', ...script.split(' ')], {
    stdio: isShown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      output += String(error);
      resolve(1);
    });
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  const seconds = Math.round((Date.now() - startedAtMs) / 1000);
  process.stdout.write(`${output}\n${script}: ${seconds} s\n`);
  return code;
}

for (const scripts of steps) {
  const codes = await Promise.all(scripts.map((script) => run(script, scripts.length === 1)));
  const failed = codes.find((code) => code !== 0);
  if (failed !== undefined) process.exit(failed);
}
