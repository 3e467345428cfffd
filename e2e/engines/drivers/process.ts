/** The processes of browsers and drivers: started with a profile of their own, and ended with everything they have started. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = 60_000;
const END_MS = 5_000;

const running = new Set<ChildProcess>();
const folders = new Set<string>();

process.on('exit', () => {
  for (const child of running) signal(child, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder, removed at the end of this process. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  folders.add(folder);
  return folder;
}

/** A process in a group of its own: browsers have many children. */
export class Process {
  #output = '';
  readonly #child: ChildProcess;
  readonly #readers = new Set<(text: string) => void>();

  constructor(
    readonly name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    onLine: (line: string) => void = () => undefined,
  ) {
    this.#child = spawn(name, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    running.add(this.#child);
    this.#child.once('error', (error) => (this.#output += String(error)));
    this.#child.once('exit', () => running.delete(this.#child));
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (data: Buffer) => {
        const text = data.toString();
        this.#output += text;
        for (const line of text.split('\n')) if (line.trim() !== '') onLine(line);
        for (const read of this.#readers) read(this.#output);
      });
  }

  /** Waits for its output to match. @throws Error with the end of the output. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        stop();
        reject(new Error(`${this.name} did not start: ${this.#output.slice(-1000)}`));
      };
      const timer = setTimeout(fail, START_MS);
      const read = (output: string): void => {
        const found = pattern.exec(output);
        if (!found) return;
        stop();
        resolve(found);
      };
      const stop = (): void => {
        clearTimeout(timer);
        this.#readers.delete(read);
        this.#child.off('exit', fail);
      };
      this.#readers.add(read);
      this.#child.once('exit', fail);
      read(this.#output);
    });
  }

  /** Waits for its end for a while, then ends it with its children. */
  async end({ isAsked = false } = {}): Promise<void> {
    const child = this.#child;
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
    if (!isAsked) signal(child, 'SIGTERM');
    if (!hasEnded())
      await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, END_MS))]);
    await this.kill();
  }

  /** Ends it with its children at once, as a power cut does. */
  async kill(): Promise<void> {
    const child = this.#child;
    signal(child, 'SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended.
  }
}
