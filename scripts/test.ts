/** `npm test`: every check of the project, the cheapest first. Stops at the first that fails. */
import { spawn } from 'node:child_process';

/** What takes the network's time more than the processors'. It has to be there for the step that it is named at. */
const inBackground = { script: 'install:tests', neededFor: 'test:e2e' };

/** One after the other. What stands together uses one processor each, and runs at the same time. */
const steps: readonly (readonly (readonly string[])[])[] = [
  [['typecheck', 'lint:code', 'lint:unused'], ['lint:format']],
  [['build']],
  [['test:unit']],
  [['docs:site'], ['check:package']],
  [['test:e2e']],
  [['test:examples']],
  [['test:clients']],
  [['test:engines -- --smoke']],
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

/** Runs scripts one after the other. @returns The exit code of the first that fails, or 0. */
async function runAll(scripts: readonly string[], isShown: boolean): Promise<number> {
  for (const script of scripts) {
    const code = await run(script, isShown);
    if (code !== 0) return code;
  }
  return 0;
}

const background = run(inBackground.script, false);
let failed = 0;
for (const lanes of steps) {
  if (lanes.flat().includes(inBackground.neededFor)) failed = await background;
  if (failed !== 0) break;
  const codes = await Promise.all(lanes.map((scripts) => runAll(scripts, lanes.length === 1)));
  failed = codes.find((code) => code !== 0) ?? 0;
  if (failed !== 0) break;
}
// To break it off would leave packages half installed.
await background;
process.exitCode = failed;
