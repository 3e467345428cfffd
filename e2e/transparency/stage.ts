/** Three browsers at one portal: signed by the worker, with a token that the page holds itself, and with no token at all. */
import { test as base, type Browser, type BrowserContext } from '@playwright/test';
import { startAppServer, type AppServer } from '../../demo/app-server.js';
import { startPortal, type Portal } from '../../demo/portal/index.js';
import { TestClient, redirectUri } from '../../demo/portal/test-client.js';
import { registration, TestApp } from '../support/fixtures.js';

/** How the portal is registered: as by default, or as a server that takes tokens in a header only. */
export type Placement = 'auto' | 'header';

/** One app, opened in three browsers that share nothing. */
interface App {
  readonly server: AppServer;
  /** The tab in which the user has signed in. */
  readonly signedIn: TestApp;
  readonly contexts: Readonly<Record<Side, BrowserContext>>;
}

/** `worker`: signed in, with the worker. `manual`: no worker, the page has a token. `anonymous`: no worker, no token. */
export type Side = 'worker' | 'manual' | 'anonymous';

export class Stage {
  readonly #apps = new Map<Placement, Promise<App>>();

  private constructor(
    readonly portal: Portal,
    readonly browser: Browser,
    /** The token of pages without the worker. */
    readonly token: string,
  ) {}

  static async open(browser: Browser): Promise<Stage> {
    const portal = await startPortal({ redirectUris: [redirectUri] });
    const { access } = await new TestClient(portal).tokens();
    return new Stage(portal, browser, access);
  }

  /** The same page on one of the sides, opened anew. */
  async page(placement: Placement, side: Side): Promise<TestApp> {
    const { server, contexts, signedIn } = await this.#app(placement);
    // As in any app that has loaded something before: the token was tried on an answer that can be read.
    if (side === 'worker') await signedIn.fetch(signedIn.hosted('Echo?f=json'));
    const opened = new TestApp(await contexts[side].newPage(), this.portal, server.url);
    await opened.page.goto(`${server.url}/transparency/`);
    return opened;
  }

  async close(): Promise<void> {
    for (const app of this.#apps.values()) {
      const { server, contexts } = await app;
      await Promise.all(Object.values(contexts).map((context) => context.close()));
      await server.close();
    }
    await this.portal.close();
  }

  #app(placement: Placement): Promise<App> {
    const app = this.#apps.get(placement) ?? this.#start(placement);
    this.#apps.set(placement, app);
    return app;
  }

  async #start(placement: Placement): Promise<App> {
    const { portal, browser } = this;
    const config = JSON.stringify({ arcgis: [{ ...registration(portal), tokenPlacement: placement }] });
    const server = await startAppServer({
      folders: ['dist/e2e', 'e2e/pages', 'dist'],
      replacements: { __IDENTITY_CONFIG__: JSON.stringify(config).slice(1, -1), __PORTAL_URL__: portal.url },
    });
    portal.addRedirectUri(`${server.url}/signed-in.html`);
    const contexts = {
      worker: await browser.newContext(),
      manual: await browser.newContext(),
      anonymous: await browser.newContext(),
    };
    const signedIn = new TestApp(await contexts.worker.newPage(), portal, server.url);
    await signedIn.open();
    await signedIn.signIn('ana');
    return { server, signedIn, contexts };
  }
}

export const test = base.extend<object, { stage: Stage }>({
  stage: [
    async ({ browser }, use) => {
      const stage = await Stage.open(browser);
      await use(stage);
      await stage.close();
    },
    { scope: 'worker' },
  ],
});
