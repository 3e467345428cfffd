/** WebKitGTK, by WebDriver (https://www.w3.org/TR/webdriver2/), on a display of its own. */
import { createServer, type AddressInfo } from 'node:net';
import { until, type Driver, type WindowId } from '../driver.js';
import { newFolder, Process } from './process.js';

export interface WebKitPaths {
  readonly driver: string;
  /** The browser. Its automated windows are always private. */
  readonly browser: string;
  readonly display: string;
}

interface Answer {
  readonly value: unknown;
}

interface Failure {
  readonly error: string;
  readonly message: string;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

export async function launchWebKit(paths: WebKitPaths): Promise<Driver> {
  const consoleLines: string[] = [];
  const display = new Process(paths.display, [
    '-displayfd',
    '1',
    '-screen',
    '0',
    '1280x1024x24',
    '-nolisten',
    'tcp',
  ]);
  const [, number = ''] = await display.waitFor(/^(\d+)\n/m);
  const home = newFolder();
  const port = await freePort();
  const driver = new Process(
    paths.driver,
    [`--port=${port}`],
    { DISPLAY: `:${number}`, HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home },
    (line) => consoleLines.push(line),
  );

  async function send<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as Answer;
    if (!response.ok) {
      const { error, message } = value as Failure;
      throw new Error(`${error}: ${message}`);
    }
    return value as T;
  }

  await until('WebKitWebDriver answers', () => send('GET', '/status'));
  const { sessionId, capabilities } = await send<{
    sessionId: string;
    capabilities: { browserVersion: string };
  }>('POST', '/session', {
    capabilities: {
      alwaysMatch: {
        acceptInsecureCerts: true,
        'webkitgtk:browserOptions': {
          binary: paths.browser,
          args: ['--automation', '--enable-write-console-messages-to-stdout=true'],
        },
      },
    },
  });
  const session = `/session/${sessionId}`;

  // A session has one current window: commands take turns, each with its window.
  let queue: Promise<unknown> = Promise.resolve();
  let current: WindowId | undefined;
  function inTurn<T>(command: () => Promise<T>): Promise<T> {
    const result = queue.then(command, command);
    queue = result.catch(() => undefined);
    return result;
  }
  const inWindow = <T>(window: WindowId, method: string, path: string, body?: object): Promise<T> =>
    inTurn(async () => {
      if (window !== current) await send('POST', `${session}/window`, { handle: window });
      current = window;
      try {
        return await send<T>(method, session + path, body);
      } catch (error) {
        current = undefined;
        throw error;
      }
    });
  const execute = <T>(window: WindowId, script: string): Promise<T> =>
    inWindow(window, 'POST', '/execute/sync', { script, args: [] });

  let runs = 0;
  const first = await inTurn(() => send<WindowId[]>('GET', `${session}/window/handles`));

  return {
    engine: 'webkit',
    version: capabilities.browserVersion,
    consoleLines,
    needsHttps: true,
    // A session ends with its last window: the first one stays, and tests do not see it.
    windows: async () => {
      const all = await inTurn(() => send<WindowId[]>('GET', `${session}/window/handles`));
      return all.filter((window) => !first.includes(window));
    },
    openWindow: async () => {
      const { handle } = await inWindow<{ handle: WindowId }>(first[0] ?? '', 'POST', '/window/new', {
        type: 'window',
      });
      return handle;
    },
    closeWindow: async (window) => {
      await inWindow(window, 'DELETE', '/window');
      current = undefined;
    },
    navigate: async (window, url) => void (await inWindow(window, 'POST', '/url', { url })),
    evaluate: async (window, expression) => {
      // Started and asked for: a script that waits for its end would block the other windows, and the click that ends its wait.
      const name = `__run${++runs}`;
      await execute(
        window,
        `const run = (window.${name} = {});
        (async () => JSON.stringify(await (${expression})))().then(
          (value) => { run.value = value; run.isDone = true; },
          (error) => { run.error = String(error) + '\\n' + (error?.stack ?? ''); run.isDone = true; });`,
      );
      const run = await until(
        'page code ends',
        async () => {
          const state = await execute<{ value?: string; error?: string; isDone?: boolean; isGone?: boolean }>(
            window,
            `const run = window.${name}; if (run?.isDone) delete window.${name}; return run ?? { isGone: true };`,
          ).catch((error: unknown) => ({
            isGone: true,
            isDone: false,
            value: undefined,
            error: String(error),
          }));
          return state.isDone === true || state.isGone === true ? state : undefined;
        },
        600_000,
      );
      if (run?.isGone === true) throw new Error(`The document was replaced. ${run.error ?? ''}`);
      if (run?.error !== undefined) throw new Error(run.error);
      return run?.value === undefined ? undefined : (JSON.parse(run.value) as unknown);
    },
    clickAt: async (window, x, y) => {
      const actions = [
        { type: 'pointerMove', duration: 0, x, y, origin: 'viewport' },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ];
      await inWindow(window, 'POST', '/actions', { actions: [{ type: 'pointer', id: 'mouse', actions }] })
        // A click may close its window.
        .catch((error: Error) => {
          if (!error.message.includes('no such window')) throw error;
        });
    },
    close: async () => {
      await Promise.race([
        send('DELETE', session).catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, 3_000)),
      ]);
      await driver.end();
      await display.end();
    },
  };
}
