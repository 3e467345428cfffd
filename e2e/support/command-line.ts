/** The built command line, run as a user runs it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

const bin = resolve('dist/cli/index.js');

export interface Outcome {
  readonly exitCode: number | null;
  /** Both streams. */
  readonly text: string;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  /** Resolves once its output has this. @throws Error with all output when it ends before. */
  has(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Outcome>;
}

/** @param folder - Where it is called. */
export function start(args: readonly string[], folder = '.'): RunningCommand {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const checks = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      for (const check of checks) check();
    });
  const ended = new Promise<Outcome>((done) => child.once('close', (exitCode) => done({ exitCode, text })));
  return {
    process: child,
    ended,
    has: (pattern) =>
      new Promise((found, failed) => {
        const check = (): void => {
          const match = pattern.exec(text);
          if (match) found(match);
        };
        checks.add(check);
        check();
        void ended.then(() => failed(new Error(`It ended without ${String(pattern)}:\n${text}`)));
      }),
  };
}

export const run = (args: readonly string[], folder?: string): Promise<Outcome> => start(args, folder).ended;
