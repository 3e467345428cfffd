/** Stops the worker at a named point, and what has to hold afterwards. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppServer } from '../../demo/app-server.js';
import type { FetchHandler } from 'identity-worker/server/node';
import {
  expect,
  serveApp,
  test as base,
  TestApp,
  type IdentityConfig,
  type Page,
  type Portal,
} from './fixtures.js';
import { authorize, type User } from './oauth-client.js';

/** Every request of a page, and every call, ends within this time after a stop, in ms. */
export const BOUND_MS = 10_000;

/** A step of the worker: see `kill-points/hooks.js`. */
export interface WorkerStep {
  readonly step:
    | 'fetch'
    | 'answered'
    | 'respond'
    | 'write'
    | 'written'
    | 'posted'
    | 'reply'
    | 'keep'
    | 'kept'
    | 'forget'
    | 'forgotten';
  /** Pattern of the address, of the message's type, or of the database's name. */
  readonly match?: string;
  /** Which one, from 1, since the point was set. */
  readonly nth?: number;
}

/** A step that the portal sees: the request has come (`before`), or its answer is held. */
export interface PortalStep {
  readonly portal: RegExp;
  readonly before?: true;
}

/** Steps of the life of a worker. */
export type LifeStep = 'install' | 'activate' | 'claim' | 'claimed';

export type Step = WorkerStep | PortalStep;

/** An app whose worker can be stopped at any step. */
export class KillableApp extends TestApp {
  /** Addresses and headers of all requests to the app's own server. */
  readonly ownRequests: string[] = [];
  life: LifeStep | undefined;
  /** The step that the next worker is stopped at, from its activation on. */
  nextStep: WorkerStep | undefined;
  #release: () => void = () => undefined;
  #server: AppServer | undefined;
  #reach: () => void = () => undefined;
  #reached = this.#newPoint();

  /** @param folder - With the worker's script. */
  constructor(
    page: Page,
    portal: Portal,
    url: string,
    readonly folder = mkdtempSync(join(tmpdir(), 'kill-points-')),
  ) {
    super(page, portal, url);
  }

  /** Writes the script of the worker, as one deployed now. */
  deploy(config: IdentityConfig, worker = '/worker.js'): void {
    const text = JSON.stringify(JSON.stringify(config.make(this.portal))).slice(1, -1);
    const hooks = readFileSync('e2e/support/kill-points/hooks.js', 'utf8');
    const script = readFileSync(join('dist/e2e', worker), 'utf8').replaceAll('__IDENTITY_CONFIG__', text);
    writeFileSync(join(this.folder, worker), hooks + script);
  }

  /** Answers what the hooks of the worker ask. */
  async answerHooks(path: string): Promise<{ body: string } | undefined> {
    const step = /^\/kill-point\/(\w+)$/.exec(path)?.[1];
    if (step === undefined) return undefined;
    if (step === 'reached') this.#reach();
    if (step === this.life) {
      this.life = undefined;
      this.#reach();
      await new Promise(() => undefined);
    }
    return { body: JSON.stringify((step === 'activate' && this.nextStep) || null) };
  }

  closeWith(server: AppServer): void {
    this.#server = server;
  }

  /** Waits until the worker is at the step of its life, or at the one of the next worker. */
  untilReached(): Promise<void> {
    return within(this.#reached, 'The point was not reached');
  }

  /** Names the step. @returns Waits until the worker is there; wrapped, as promises in promises are not. */
  async reach(step: Step): Promise<{ readonly reached: () => Promise<void> }> {
    if ('portal' in step) {
      const hold = this.portal.control.hold(step.portal, step.before ? { before: true } : {});
      this.#release = () => hold.release();
      return { reached: () => hold.reached(1) };
    }
    this.#reached = this.#newPoint();
    await this.inWorker((next) => {
      (self as unknown as { killPoints: { set: (point: unknown) => void } }).killPoints.set(next);
    }, step);
    return { reached: () => this.untilReached() };
  }

  /** What the portal holds goes on. */
  release(): void {
    this.#release();
  }

  /** Names the step. @returns Waits until the worker is there, and stops it. */
  async stopAt(step: Step): Promise<() => Promise<void>> {
    const { reached } = await this.reach(step);
    return async () => {
      await reached();
      await this.stopWorker();
      this.release();
    };
  }

  /** How often the worker has taken a step since it started. */
  countOf(step: WorkerStep['step']): Promise<number> {
    return this.inWorker(
      (name) =>
        (self as unknown as { killPoints: { countOf: (step: string) => number } }).killPoints.countOf(name),
      step,
    );
  }

  async inWorker<A, T>(code: (argument: A) => T, argument: A): Promise<T> {
    const worker = this.page.context().serviceWorkers().at(-1);
    if (!worker) throw new Error('There is no worker.');
    return worker.evaluate<T, A>(code as never, argument);
  }

  /** From now on the page notes whom it asks to sign in, and shows nothing. */
  async watchPrompts(): Promise<void> {
    await this.run(() => {
      window.asked = [];
      window.identity.addEventListener('oauth-code-required', (event) => {
        event.preventDefault();
        window.challenge = event;
        window.asked?.push(event.authorizationUrl);
      });
    });
  }

  /** How often the user was asked to sign in. */
  async asked(): Promise<number> {
    return new Set(await this.run(() => window.asked ?? [])).size;
  }

  /** The user signs in whenever they are asked, until the page is closed. @param from - Prompts that they let pass. */
  async answerPrompts(user: User, from = 0): Promise<void> {
    for (let index = from; ; index += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one prompt after the other
      const authorizationUrl = await this.run(async (at) => {
        for (;;) {
          const url = window.asked?.[at];
          if (url !== undefined) return url;
          await new Promise(requestAnimationFrame);
        }
      }, index);
      const code = (await authorize(authorizationUrl, user)).searchParams.get('code') ?? '';
      await this.run((given) => {
        window.challenge?.setCode(given).catch(() => undefined);
      }, code);
    }
  }

  #newPoint(): Promise<void> {
    return new Promise((resolve) => {
      this.#reach = resolve;
    });
  }

  async close(): Promise<void> {
    await this.#server?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Fails where something does not end in time. */
export async function within<T>(work: Promise<T>, message = 'It did not end', ms = BOUND_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${message} within ${ms} ms.`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The labels of secrets of a kind that were sent to the token endpoint, each as often as it was sent. */
const sent = (portal: Portal, grantType: string, kind: string): string[] =>
  portal.log
    .requests({ path: /oauth2\/token$/, grantType })
    .flatMap(({ secrets }) => secrets.filter((label) => new RegExp(`^${kind}-\\d+$`).test(label)));

const isUnique = (labels: readonly string[]): boolean => new Set(labels).size === labels.length;

export const test = base.extend<{
  app: KillableApp;
  workerFile: string;
  /** More of the app's own server. */
  handlers: { make: (portal: Portal) => FetchHandler[] };
  /** Whether a refresh token may be sent again that the portal has replaced: its answer was lost. */
  isTokenLost: boolean;
}>({
  workerFile: ['/worker.js', { option: true }],
  handlers: [{ make: () => [] }, { option: true }],
  isTokenLost: [false, { option: true }],
  app: async ({ page, portal, identityConfig, isSealed, workerFile, handlers, isTokenLost }, use) => {
    const app = new KillableApp(page, portal, '');
    app.deploy(identityConfig, workerFile);
    const server = await serveApp(portal, {
      config: identityConfig,
      isSealed,
      worker: workerFile,
      folders: [app.folder],
      handlers: [
        (request) => {
          app.ownRequests.push([request.url, ...request.headers].join('\n'));
          return undefined;
        },
        ...handlers.make(portal),
      ],
      intercept: (path) => app.answerHooks(path),
    });
    Object.assign(app, { url: server.url });
    app.closeWith(server);
    await use(app);
    app.expectNothingLeaked();
    expect(isUnique(sent(portal, 'authorization_code', 'code')), 'no code is sent twice').toBe(true);
    if (!isTokenLost && portal.control.switches.rotateOnRefresh)
      expect(isUnique(sent(portal, 'refresh_token', 'refresh')), 'no refresh token is sent twice').toBe(true);
    const leaks = portal.log.leaks(app.ownRequests.join('\n'));
    expect(
      leaks.filter((label) => !label.startsWith('code-')),
      'tokens at the app’s own server',
    ).toEqual([]);
    expect(portal.log.requests({ server: 'foreign' }).flatMap(({ secrets }) => secrets)).toEqual([]);
    await app.close();
  },
});

export { expect };
