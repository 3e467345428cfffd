/** A Chromium of its own, driven over a pipe. A debugger slows a worker down, so none is attached unless a workload needs it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { chromiumArgs, ensureChromium, findChromium } from '../scripts/chromium.js';

/** Time limit for a command, in ms. */
const COMMAND_TIMEOUT_MS = 120_000;

/** Flags that let background pages run as fast as the one in front. */
const equalPriorityFlags = [
  '--headless',
  '--remote-debugging-pipe',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-hang-monitor',
];

type Json = Record<string, unknown>;
type Listener = (params: Json) => void;

interface ProtocolMessage {
  id?: number;
  method?: string;
  params?: Json;
  result?: Json;
  error?: { message: string };
  sessionId?: string;
}

export interface Target {
  targetId: string;
  type: string;
  url: string;
}

/** The browser, driven by the Chrome DevTools Protocol. */
export class Browser {
  readonly #pending = new Map<number, { resolve: (result: Json) => void; reject: (error: Error) => void }>();
  readonly #listeners = new Map<string, Set<Listener>>();
  #lastId = 0;
  #rest = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly profile: string,
  ) {
    const [, , , , output] = process.stdio as unknown as [unknown, unknown, unknown, Writable, Readable];
    output.setEncoding('utf8');
    output.on('data', (text: string) => {
      const messages = (this.#rest + text).split('\0');
      this.#rest = messages.pop() ?? '';
      for (const message of messages) this.#receive(JSON.parse(message) as ProtocolMessage);
    });
    process.on('exit', () => {
      for (const { reject } of this.#pending.values()) reject(new Error('Chromium has ended.'));
    });
  }

  /** Starts the browser with an empty profile. */
  static async start(): Promise<Browser> {
    const problem = ensureChromium();
    const path = findChromium();
    if (problem !== undefined || path === undefined) throw new Error(problem ?? 'There is no Chromium.');
    const profile = await mkdtemp(join(tmpdir(), 'identity-worker-bench-'));
    const child = spawn(
      path,
      [...chromiumArgs, ...equalPriorityFlags, `--user-data-dir=${profile}`, 'about:blank'],
      {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
        detached: process.platform !== 'win32',
      },
    );
    return new Browser(child, profile);
  }

  /** Sends a command to the browser, or to the session of a target. */
  send(method: string, params: Json = {}, sessionId?: string): Promise<Json> {
    const id = ++this.#lastId;
    const input = this.process.stdio[3] as Writable;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} timed out.`)), COMMAND_TIMEOUT_MS);
      const settle = <T>(how: (value: T) => void) => {
        return (value: T): void => {
          clearTimeout(timer);
          this.#pending.delete(id);
          how(value);
        };
      };
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      input.write(
        `${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`,
      );
    });
  }

  /** Listens to an event of one session. @returns A function that stops listening. */
  on(method: string, sessionId: string, listener: Listener): () => void {
    const key = `${sessionId} ${method}`;
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** All pages and workers. */
  async targets(): Promise<Target[]> {
    const { targetInfos } = await this.send('Target.getTargets');
    return targetInfos as Target[];
  }

  /** Attaches to a target. @returns The session's id. */
  async attach(targetId: string): Promise<string> {
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    return sessionId as string;
  }

  async detach(sessionId: string): Promise<void> {
    await this.send('Target.detachFromTarget', { sessionId });
  }

  /** Opens a tab. */
  async open(url: string): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url });
    return new Page(this, targetId as string, await this.attach(targetId as string));
  }

  async version(): Promise<string> {
    return (await this.send('Browser.getVersion'))['product'] as string;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    await this.send('Browser.close').catch(() => this.process.kill('SIGKILL'));
    await ended;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  #receive({ id, method, params = {}, result = {}, error, sessionId = '' }: ProtocolMessage): void {
    if (id === undefined) {
      for (const listener of this.#listeners.get(`${sessionId} ${method}`) ?? []) listener(params);
    } else if (error) this.#pending.get(id)?.reject(new Error(error.message));
    else this.#pending.get(id)?.resolve(result);
  }
}

/** One tab. */
export class Page {
  constructor(
    readonly browser: Browser,
    readonly targetId: string,
    readonly sessionId: string,
  ) {}

  /**
   * Runs an expression in the page and waits for its promise.
   *
   * @param userGesture - Whether it counts as a click. Default: no.
   */
  async evaluate<T>(expression: string, userGesture = false): Promise<T> {
    const options = { expression, awaitPromise: true, returnByValue: true, userGesture };
    const { result, exceptionDetails } = (await this.browser.send(
      'Runtime.evaluate',
      options,
      this.sessionId,
    )) as {
      result: { value: T };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true. */
  async until(expression: string): Promise<void> {
    const end = Date.now() + 30_000;
    for (;;) {
      // During a navigation there is no context to evaluate in.
      const holds = await this.evaluate<boolean>(expression).catch(() => false);
      if (holds) return;
      if (Date.now() > end) throw new Error(`Timed out waiting for ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Brings the tab to the front: hidden tabs have a lower priority. */
  async activate(): Promise<void> {
    await this.browser.send('Target.activateTarget', { targetId: this.targetId });
  }
}
