/** What a run needs: the portal, the data servers, the browser, and for each contender a page on an origin of its own. */
import { startAppServer, type AppServer } from '../demo/app-server.js';
import { startPortal, type Portal } from '../demo/portal/index.js';
import { Browser, Page } from './browser.js';
import { appFolder } from './build.js';
import { SERVICES, startDataServer, type DataServer } from './data-server.js';
import { startDelayProxy, type DelayProxy } from './delay-proxy.js';
import type { BenchPage, Setup } from './pages/page.js';

/** Half of the slow link's round trip, in ms. */
const EACH_WAY_MS = 25;

/** The contenders: label in the table, and worker script. */
export const contenders = {
  'none-query': { label: 'no worker, ?token=', worker: undefined },
  'none-header': { label: 'no worker, header', worker: undefined },
  'pass-through': { label: 'pass-through worker', worker: '/pass-through.js' },
  rebuild: { label: 'rebuilding worker', worker: '/rebuild.js' },
  ours: { label: 'identity-worker', worker: '/identity-worker.js' },
  'ours-1000': { label: 'identity-worker, 1,000 registrations', worker: '/identity-worker.js' },
  'ours-offline': { label: 'identity-worker, offline()', worker: '/identity-worker-offline.js' },
  axa: { label: 'axa worker', worker: '/OidcServiceWorker.js' },
  'rest-js': { label: 'arcgis-rest-request', worker: undefined },
  wrapper: { label: 'fetch wrapper', worker: undefined },
  'early-return': { label: 'worker that returns early', worker: '/early-return.js' },
  'static-route': { label: 'worker with a static route', worker: '/static-route.js' },
} as const;

export type ContenderName = keyof typeof contenders;

/** A contender that is ready: page open, worker in control, signed in. */
export interface Contender {
  readonly name: ContenderName;
  readonly origin: string;
  readonly page: Page;
  /** Calls one of the page's functions. */
  call<M extends keyof Calls>(
    method: M,
    ...args: Parameters<Calls[M]>
  ): Promise<Awaited<ReturnType<Calls[M]>>>;
}

type Calls = Omit<BenchPage, 'ready'>;

export interface Testbed {
  readonly browser: Browser;
  readonly portal: Portal;
  /** The server that all contenders sign requests to. */
  readonly data: DataServer;
  readonly dataUrl: string;
  /** The same server behind a slow link. */
  readonly linkUrl: string;
  /** A server that no contender signs requests to. */
  readonly otherUrl: string;
  contender(name: ContenderName): Contender;
  close(): Promise<void>;
}

/** Starts everything and signs in. */
export async function startTestbed(): Promise<Testbed> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.toReversed()) await closer();
  };
  const opened = <T extends { close(): Promise<void> }>(thing: T): T => {
    closers.push(() => thing.close());
    return thing;
  };
  try {
    const portal: Portal = opened(await startPortal({ accessTokenLifetimeS: 7200 }));
    const data: DataServer = opened(await startDataServer());
    const other: DataServer = opened(await startDataServer());
    const link: DelayProxy = opened(await startDelayProxy(data.port, EACH_WAY_MS));
    const browser: Browser = opened(await Browser.start());
    const servers = [data.url + SERVICES, link.url + SERVICES];
    const entries = (Object.keys(contenders) as ContenderName[]).map(async (name) => {
      const app: AppServer = opened(
        await startAppServer({ folders: [appFolder], replacements: replacements(name, portal.url, servers) }),
      );
      portal.addRedirectUri(`${app.url}/signed-in.html`);
      return [name, await open(browser, name, app.url, { servers, portal: portal.url })] as const;
    });
    const all = new Map<ContenderName, Contender>(await Promise.all(entries));
    await all.get('axa')?.call('signIn');
    for (const name of ['ours', 'ours-1000', 'ours-offline'] as const) {
      const page = all.get(name)?.page;
      if (page) await signIn(browser, page);
    }
    return {
      browser,
      portal,
      data,
      dataUrl: data.url + SERVICES,
      linkUrl: link.url + SERVICES,
      otherUrl: other.url,
      contender: (name) => {
        const contender = all.get(name);
        if (!contender) throw new Error(`No contender is called ${name}.`);
        return contender;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function replacements(
  name: ContenderName,
  portalUrl: string,
  servers: readonly string[],
): Record<string, string> {
  const common = { clientId: 'idw-demo', redirectUri: '/signed-in.html' };
  const others = Array.from({ length: name === 'ours-1000' ? 999 : 0 }, (_, index) => ({
    ...common,
    url: `https://gis-${index}.example.org/portal`,
  }));
  return {
    __REGISTRATIONS__: JSON.stringify([...others, { ...common, url: portalUrl, resources: servers }]),
    __TRUSTED__: JSON.stringify(servers.map((url) => new URL(url).origin)),
  };
}

async function open(
  browser: Browser,
  name: ContenderName,
  url: string,
  addresses: Pick<Setup, 'servers' | 'portal'>,
): Promise<Contender> {
  const { worker } = contenders[name];
  const setup: Setup = { contender: name, ...addresses, ...(worker === undefined ? {} : { worker }) };
  const page = await browser.open(`${url}/?setup=${encodeURIComponent(JSON.stringify(setup))}`);
  await page.until('"bench" in window');
  await page.evaluate('bench.ready');
  return {
    name,
    origin: url,
    page,
    call: (method, ...args) => page.evaluate(`bench.${method}(...${JSON.stringify(args)})`),
  };
}

/** Signs in as a user does: a click, and the form of the portal's page in a popup. */
async function signIn(browser: Browser, page: Page): Promise<void> {
  const before = new Set((await browser.targets()).map(({ targetId }) => targetId));
  await page.activate();
  const signedIn = page.evaluate('bench.signIn()', true);
  const popup = await waitForPopup(browser, before, signedIn);
  if (popup) {
    await popup.until('document.querySelector("#username") !== null');
    await popup.evaluate(`(() => {
      document.querySelector('#username').value = 'ana';
      document.querySelector('#password').value = 'ana-demo-1';
      document.querySelector('button.primary').click();
    })()`);
  }
  await signedIn;
}

/** The popup, or `undefined` where the portal still had a session and the popup has closed already. */
async function waitForPopup(
  browser: Browser,
  before: ReadonlySet<string>,
  signedIn: Promise<unknown>,
): Promise<Page | undefined> {
  const over = new AbortController();
  const end = (): void => over.abort();
  void signedIn.then(end, end);
  while (!over.signal.aborted) {
    const target = (await browser.targets()).find(
      ({ type, targetId, url }) => type === 'page' && !before.has(targetId) && url.includes('/oauth2/'),
    );
    if (target)
      return browser
        .attach(target.targetId)
        .then((sessionId) => new Page(browser, target.targetId, sessionId));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}
