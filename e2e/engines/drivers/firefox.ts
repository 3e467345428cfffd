/** Firefox, by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/). */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Driver, LaunchOptions, WindowId } from '../driver.js';
import { newFolder, Process } from './process.js';

/** No background traffic, no first-run pages; the rest as users have it, popup blocker included. */
const preferences: Readonly<Record<string, boolean | number | string>> = {
  'remote.prefs.recommended': false,
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.aboutwelcome.enabled': false,
  'browser.discovery.enabled': false,
  'browser.ml.enable': false,
  'browser.newtabpage.enabled': false,
  'browser.region.network.url': '',
  'browser.region.update.enabled': false,
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.safebrowsing.update.enabled': false,
  'browser.search.update': false,
  'browser.sessionstore.resume_from_crash': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage': 'about:blank',
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.startup.page': 0,
  'browser.tabs.warnOnClose': false,
  'browser.topsites.contile.enabled': false,
  'browser.translations.enable': false,
  'browser.warnOnQuit': false,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.push.connection.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.update.enabled': false,
  'media.autoplay.default': 0,
  'media.gmp-manager.updateEnabled': false,
  'media.gmp-manager.url': '',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  // Otherwise servers of this machine are reached without a network too.
  'network.disable-localhost-when-offline': true,
  'network.dns.disablePrefetch': true,
  'network.http.speculative-parallel-limit': 0,
  'network.prefetch-next': false,
  'network.trr.mode': 5,
  // The bar that tells of a blocked popup comes a moment later and moves the page, and what a click aims at. Popups are blocked all the same.
  'privacy.popups.showBrowserMessage': false,
  'privacy.trackingprotection.enabled': false,
  'services.settings.server': 'http://127.0.0.1:9/',
  'signon.rememberSignons': false,
  'startup.homepage_welcome_url': '',
  'termsofuse.bypassNotification': true,
  'toolkit.telemetry.enabled': false,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};

interface Message {
  readonly id?: number;
  readonly type: 'success' | 'error' | 'event';
  readonly error?: string;
  readonly message?: string;
  readonly result?: unknown;
  readonly method?: string;
  readonly params?: { readonly text?: string };
}

interface Context {
  readonly context: WindowId;
  readonly url: string;
}

interface Evaluated {
  readonly type: 'success' | 'exception';
  readonly result?: { readonly type: string; readonly value?: string };
  readonly exceptionDetails?: { readonly text: string };
}

/** A connection to one Firefox. */
class Session {
  #id = 0;
  readonly #pending = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();

  constructor(
    private readonly socket: WebSocket,
    onConsole: (line: string) => void,
  ) {
    socket.on('message', (data: Buffer) => {
      const { id, type, error, message, result, method, params } = JSON.parse(data.toString()) as Message;
      if (id === undefined) {
        if (method === 'log.entryAdded') onConsole(params?.text ?? '');
        return;
      }
      const waiting = this.#pending.get(id);
      this.#pending.delete(id);
      if (type === 'error') waiting?.reject(new Error(`${error ?? ''}: ${message ?? ''}`));
      else waiting?.resolve(result);
    });
    socket.on('close', () => {
      for (const { reject } of this.#pending.values()) reject(new Error('The browser has closed.'));
    });
  }

  send<T = unknown>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.socket.close();
  }
}

async function evaluate(session: Session, context: string, expression: string): Promise<unknown> {
  const { type, result, exceptionDetails } = await session.send<Evaluated>('script.evaluate', {
    // The protocol's own serialisation of objects is not JSON.
    expression: `(async () => JSON.stringify(await (${expression})))()`,
    target: { context },
    awaitPromise: true,
    userActivation: false,
  });
  if (type === 'exception') throw new Error(exceptionDetails?.text ?? 'The page code threw.');
  return result?.value === undefined ? undefined : (JSON.parse(result.value) as unknown);
}

async function topLevel(session: Session): Promise<string[]> {
  const { contexts } = await session.send<{ contexts: Context[] }>('browsingContext.getTree', {
    maxDepth: 0,
  });
  return contexts.map(({ context }) => context);
}

/** The frame that a point lies in: a click reaches frames of other sites in their own context only. */
async function frameAt(
  session: Session,
  context: string,
  x: number,
  y: number,
): Promise<{ context: string; x: number; y: number }> {
  const { result } = await session.send<{ result?: { type: string; value?: { context: string } } }>(
    'script.evaluate',
    {
      expression: `document.elementFromPoint(${x}, ${y})?.contentWindow`,
      target: { context },
      awaitPromise: false,
    },
  );
  if (result?.type !== 'window' || !result.value) return { context, x, y };
  const [left, top] = (await evaluate(
    session,
    context,
    `(({ left, top }) => [left, top])(document.elementFromPoint(${x}, ${y}).getBoundingClientRect())`,
  )) as [number, number];
  return { context: result.value.context, x: Math.round(x - left), y: Math.round(y - top) };
}

interface Started {
  readonly session: Session;
  readonly browser: Process;
  readonly first: WindowId;
  readonly version: string;
}

export async function launchFirefox(path: string, { isPrivate = false }: LaunchOptions): Promise<Driver> {
  const profile = newFolder();
  const consoleLines: string[] = [];
  const all = { ...preferences, ...(isPrivate ? { 'browser.privatebrowsing.autostart': true } : {}) };
  const lines = Object.entries(all).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join(''));

  const start = async (): Promise<Started> => {
    // Access to the browser's own code: nothing else stops a service worker or takes the network away.
    const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
    const browser = new Process(path, [...args, '--remote-allow-system-access', 'about:blank'], {
      HOME: profile,
      MOZ_CRASHREPORTER_DISABLE: '1',
    });
    const [, address = ''] = await browser.waitFor(/WebDriver BiDi listening on (ws:\/\/\S+)/);
    const socket = new WebSocket(`${address}/session`, { perMessageDeflate: false });
    await once(socket, 'open');
    const session = new Session(socket, (line) => consoleLines.push(line));
    const { capabilities } = await session.send<{ capabilities: { browserVersion: string } }>('session.new', {
      capabilities: { alwaysMatch: { acceptInsecureCerts: true } },
    });
    await session.send('session.subscribe', { events: ['log.entryAdded'] });
    const [first = ''] = await topLevel(session);
    return { session, browser, first, version: capabilities.browserVersion };
  };
  const { version, ...started } = await start();
  let { session, browser, first } = started;

  /** Runs the body of an async function with the browser's own rights. */
  const runInBrowser = async (body: string): Promise<void> => {
    const { contexts } = await session.send<{ contexts: Context[] }>('browsingContext.getTree', {
      'moz:scope': 'chrome',
    });
    const window = contexts.find(({ url }) => url.includes('browser.xhtml'));
    await evaluate(session, window?.context ?? '', `(async () => { ${body} })()`);
  };
  const end = async (): Promise<void> => {
    await session.send('browser.close').catch(() => undefined);
    await browser.end({ isAsked: true });
    session.close();
  };

  return {
    engine: 'firefox',
    version,
    consoleLines,
    needsHttps: false,
    // A browser ends with its last window: the first one stays, and tests do not see it.
    windows: async () => (await topLevel(session)).filter((context) => context !== first),
    // In the first one's frame: the browser's active one may be a sign-in window that closes.
    openWindow: async () =>
      (await session.send<Context>('browsingContext.create', { type: 'tab', referenceContext: first }))
        .context,
    closeWindow: async (context) => void (await session.send('browsingContext.close', { context })),
    navigate: async (context, url) =>
      void (await session.send('browsingContext.navigate', { context, url, wait: 'complete' })),
    evaluate: (context, expression) => evaluate(session, context, expression),
    clickAt: async (top, left, above) => {
      const { context, x, y } = await frameAt(session, top, left, above);
      const actions = [
        { type: 'pointerMove', x, y },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ];
      await session
        .send('input.performActions', { context, actions: [{ type: 'pointer', id: 'mouse', actions }] })
        // A click may close its window.
        .catch((error: Error) => {
          if (!/no such frame|discarded|AbortError/i.test(error.message)) throw error;
        });
    },
    close: end,
    stopWorkers: () =>
      runInBrowser(`
        const manager = Cc['@mozilla.org/serviceworkers/manager;1'].getService(Ci.nsIServiceWorkerManager);
        const registrations = manager.getAllRegistrations();
        for (let index = 0; index < registrations.length; index++)
          await registrations.queryElementAt(index, Ci.nsIServiceWorkerRegistrationInfo).activeWorker?.terminateWorker();`),
    setOffline: (isOffline) =>
      runInBrowser(`
        Services.io.offline = ${isOffline};
        Services.obs.notifyObservers(null, 'net:cancel-all-connections');`),
    restart: async () => {
      await end();
      ({ session, browser, first } = await start());
    },
  };
}
