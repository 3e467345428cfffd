/**
 * One small surface over three browser engines, so that a test is written once and runs in each.
 *
 * To add a test: write it in a `*.spec.ts` of this folder with `test` of `fixtures.ts`. It gets `app` (the test app, open in a
 * window of its own), `portal`, and `driver` (see {@link Driver}). Give it a title that says what a user does: it becomes a row of
 * `docs/browsers.md`. A test with the tag `@smoke` runs in `npm test` as well, and all of those share four minutes.
 *
 * - Page code runs without a user gesture (`page.run`), so popup blockers work. A gesture is a click (`page.click`).
 * - Selectors are CSS and look into open shadow roots.
 * - What an engine's driver cannot do is not there in its {@link Driver}: begin the test with `needs(driver, 'stopWorkers')`.
 * - Service workers outlive windows. Every test has an app server, and so an origin, of its own.
 *
 * `npm run test:engines -- --project=firefox -g 'first visit'` runs a part.
 */

/** The engines, by the names of their Playwright projects. */
export const engines = ['chromium', 'firefox', 'webkit'] as const;
export type Engine = (typeof engines)[number];

/** A window of a browser, by a name that its driver gives it. */
export type WindowId = string;

/** What an engine's own protocol has to do. Everything else is made of it. */
export interface Driver {
  readonly engine: Engine;
  /** Version of the browser. */
  readonly version: string;
  /** Lines of the consoles of pages and workers so far, as far as the driver tells. */
  readonly consoleLines: readonly string[];
  /**
   * Whether sealed apps are served by `https:`. WebKit keeps no `Secure` cookie of `http://localhost`, and blocks `http:` addresses
   * of a page that came by `https:`, of the loopback interface too.
   */
  readonly needsHttps: boolean;

  /** Windows that are open now. */
  windows(): Promise<readonly WindowId[]>;
  openWindow(): Promise<WindowId>;
  closeWindow(window: WindowId): Promise<void>;
  /** Resolves when the document has loaded. */
  navigate(window: WindowId, url: string): Promise<void>;
  /**
   * Evaluates an expression, awaits its value, and passes it on as JSON. Never as a user gesture.
   *
   * @throws Error with the text of the exception; also when the document is replaced before it has ended.
   */
  evaluate(window: WindowId, expression: string): Promise<unknown>;
  /** A click of the user at a point of the viewport. */
  clickAt(window: WindowId, x: number, y: number): Promise<void>;
  close(): Promise<void>;

  /** Stops the service workers; the next event starts them with an empty memory. */
  stopWorkers?(window: WindowId): Promise<void>;
  /** Takes the network away from pages and workers, or gives it back. */
  setOffline?(isOffline: boolean): Promise<void>;
  /** Ends the browser and starts it again with the same profile. All windows are new. */
  restart?(): Promise<void>;
}

/** Parts of a driver that not every engine has. */
export type Ability = 'stopWorkers' | 'setOffline' | 'restart';

/** How to start a browser. */
export interface LaunchOptions {
  /** All its windows are private. Default false. */
  isPrivate?: boolean;
}

const POLL_MS = 50;
const WAIT_MS = 15_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Asks until the answer is truthy.
 *
 * @throws Error that names what was waited for, and the last failure to ask.
 */
export async function until<T>(what: string, ask: () => Promise<T>, timeoutMs = WAIT_MS): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  let failure = '';
  for (;;) {
    const answer = await ask().catch((error: unknown) => {
      failure = error instanceof Error ? error.message : String(error);
      return undefined;
    });
    if (answer) return answer;
    if (Date.now() > endMs) throw new Error(`${what}: not within ${timeoutMs} ms. ${failure}`);
    await pause(POLL_MS);
  }
}

/** Page code: the first visible element that a selector finds, open shadow roots included. */
const find = (selector: string): Element | undefined => {
  const search = (root: Document | ShadowRoot): Element[] => [
    ...root.querySelectorAll(selector),
    ...[...root.querySelectorAll('*')].flatMap(({ shadowRoot }) => (shadowRoot ? search(shadowRoot) : [])),
  ];
  return search(document).find((element) => element.getClientRects().length > 0);
};

/** A window, as a user and a test see it. */
export class EnginePage {
  constructor(
    readonly driver: Driver,
    readonly window: WindowId,
  ) {}

  goto(url: string): Promise<void> {
    return this.driver.navigate(this.window, url);
  }

  async reload(): Promise<void> {
    await this.goto(await this.url());
  }

  url(): Promise<string> {
    return this.run(() => location.href);
  }

  /** Runs page code without a user gesture. @throws Error with the text of what it threw. */
  async run<T, A = undefined>(code: (argument: A) => T | Promise<T>, argument?: A): Promise<T> {
    return (await this.driver.evaluate(this.window, expressionOf(code, argument))) as T;
  }

  /** Waits until page code says something truthy. Survives navigations. */
  waitFor<T, A = undefined>(
    what: string,
    code: (argument: A) => T | Promise<T>,
    argument?: A,
    timeoutMs?: number,
  ): Promise<T> {
    return until(what, () => this.run(code, argument), timeoutMs);
  }

  /** Whether an element that the selector finds is visible. */
  isVisible(selector: string): Promise<boolean> {
    return this.run(elementCode('found !== undefined'), selector);
  }

  waitForElement(selector: string, timeoutMs?: number): Promise<unknown> {
    return until(`${selector} is visible`, () => this.isVisible(selector), timeoutMs);
  }

  /** The text of an element. */
  text(selector: string): Promise<string> {
    return this.run(elementCode("found?.textContent ?? ''"), selector);
  }

  waitForText(selector: string, text: string, timeoutMs?: number): Promise<boolean> {
    return until(
      `${selector} says "${text}"`,
      async () => (await this.text(selector)).includes(text),
      timeoutMs,
    );
  }

  /** Clicks in the middle of an element, as a user does: it counts as a gesture. */
  async click(selector: string): Promise<void> {
    await this.waitForElement(selector);
    const [x, y] = await this.run<[number, number], string>(
      elementCode(`(() => {
        found.scrollIntoView({ block: 'center' });
        const { left, top, width, height } = found.getBoundingClientRect();
        return [Math.round(left + width / 2), Math.round(top + height / 2)];
      })()`),
      selector,
    );
    await this.driver.clickAt(this.window, x, y);
  }

  /** Fills in a field. */
  async fill(selector: string, value: string): Promise<void> {
    await this.waitForElement(selector);
    await this.run(elementCode(`(found.value = ${JSON.stringify(value)}, true)`), selector);
  }

  async isOpen(): Promise<boolean> {
    return (await this.driver.windows()).includes(this.window);
  }

  async waitForClose(): Promise<void> {
    await until('the window closes', async () => !(await this.isOpen()));
  }

  close(): Promise<void> {
    return this.driver.closeWindow(this.window);
  }

  /** Does something that opens a window. @returns The new window. */
  async waitForPopup(act: () => Promise<unknown>): Promise<EnginePage> {
    const before = new Set(await this.driver.windows());
    await act();
    const opened = await until('a window opens', async () =>
      (await this.driver.windows()).find((window) => !before.has(window)),
    );
    return new EnginePage(this.driver, opened ?? '');
  }
}

/** A call of page code as an expression. Bundlers of test code name functions by a helper that pages do not have. */
const expressionOf = (code: string | ((argument: never) => unknown), argument: unknown): string =>
  `((__name) => (${code.toString()})(${argument === undefined ? '' : JSON.stringify(argument)}))((f) => f)`;

/** Page code that is made of text: it gets a selector, and `found` is its element. */
const elementCode = (expression: string): ((selector: string) => never) =>
  ({
    toString: () => `(selector) => { const found = (${find.toString()})(selector); return ${expression}; }`,
  }) as unknown as (selector: string) => never;
