/** One user's browser: the real token manager in a worker that stops when idle, and a simplified request path. */
import { TokenEndpointUnavailable } from '../../sw/oauth/token-endpoint.js';
import { arcgisEnterprise } from '../../sw/portals/arcgis.js';
import { PortalIndex, type TokenTarget } from '../../sw/portals/portal-index.js';
import { fingerprintOf, resolvePortals } from '../../sw/portals/portal.js';
import { emptyState, type StoredState } from '../../sw/storage/records.js';
import type { Store } from '../../sw/storage/store.js';
import { ServerTokens } from '../../sw/tokens/server-tokens.js';
import { TokenManager } from '../../sw/tokens/token-manager.js';
import type { Clock } from './clock.js';
import { ACCESS_LIFE_MS, REFRESH_LIFE_MS, type ModelPortal } from './portal.js';
import type { Random } from './random.js';

/** Browsers stop a worker after this long without an event, in ms. */
const IDLE_MS = 30_000;

/** How long a user takes to sign in, in ms. */
const SIGN_IN_MS = 20_000;

const [portal] = resolvePortals(
  [
    arcgisEnterprise({
      url: 'https://gis.example.org/portal',
      clientId: 'app',
      redirectUri: '/signed-in.html',
    }),
  ],
  'https://app.example/',
);
if (!portal) throw new Error('There is no portal.');

export const portalTarget: TokenTarget = { portal, serverRoot: undefined };
export const serverTarget: TokenTarget = { portal, serverRoot: 'https://gis.example.org/server' };

/** The methods of the store that the manager calls, without encryption. */
class Records {
  #state: StoredState;

  /** @param kept - For a manager in a page: the records it read when it was loaded. It writes to them and does not read them again. */
  constructor(private readonly kept?: Records) {
    this.#state = kept?.state() ?? emptyState;
  }

  state(): StoredState {
    return this.#state;
  }

  latest(): Promise<StoredState> {
    return Promise.resolve(this.#state);
  }

  async update(
    level: 'persistent',
    change: (state: StoredState) => StoredState | undefined,
  ): Promise<boolean> {
    const state = change(this.#state);
    if (!state) return false;
    this.#state = state;
    await this.kept?.update(level, () => state);
    return true;
  }
}

/** Outcomes of the requests of all users. */
export class Experience {
  answered = 0;
  failed = 0;
  /** When each user's last request failed. */
  readonly lastFailureMs = new Map<Browser, number>();

  fail(browser: Browser, atMs: number): void {
    this.failed += 1;
    this.lastFailureMs.set(browser, atMs);
  }
}

/** One worker for all tabs, or, for comparison, a manager in the page of every tab, which reads the store when it is loaded. */
export type Sharing = 'worker' | 'tab';

interface Boot {
  readonly manager: TokenManager;
  signingIn?: Promise<void>;
  readonly restored: Promise<void>;
  isReady: boolean;
  lastEventMs: number;
  working: number;
}

export class Browser {
  readonly #records = new Records();
  readonly #boots = new Map<number, Boot>();

  constructor(
    private readonly clock: Clock,
    private readonly server: ModelPortal,
    private readonly experience: Experience,
    private readonly sharing: Sharing,
    /** How far this machine's clock is ahead of the portal's, in ms. */
    private readonly skewMs: number,
  ) {}

  /** Stores a credential from a sign-in some time ago. Its access token may still be valid. */
  async rememberSignIn(agoMs: number): Promise<void> {
    const signedInMs = this.clock.now() + this.skewMs - agoMs;
    const record = {
      portal: portalTarget.portal.url,
      fingerprint: fingerprintOf(portalTarget.portal),
      username: 'ana',
      obtainedAtMs: signedInMs,
      lifetimeMs: ACCESS_LIFE_MS,
      refreshExpiresAtMs: signedInMs + REFRESH_LIFE_MS,
      refreshLifetimeMs: REFRESH_LIFE_MS,
      accessToken: agoMs < ACCESS_LIFE_MS ? this.server.issue(ACCESS_LIFE_MS - agoMs) : '0.0.0',
      refreshToken: this.server.issueRefreshToken(REFRESH_LIFE_MS - agoMs),
    };
    await this.#records.update('persistent', (state) => ({ ...state, credentials: [record] }));
  }

  /** A page sends `count` requests at once. */
  burst(tab: number, target: TokenTarget, count: number): void {
    const boot = this.#boot(tab);
    if (boot.isReady) this.#burst(boot, target, count);
    else void boot.restored.then(() => this.#burst(boot, target, count));
  }

  #burst(boot: Boot, target: TokenTarget, count: number): void {
    let accepted: string | undefined;
    for (let index = 0; index < count; index++) {
      const token = boot.manager.cachedToken(target, (work) => void this.#extend(boot, work));
      // All requests of a burst arrive at once, so one check per token is enough.
      if (token !== undefined && (token === accepted || this.server.accepts(token))) {
        accepted = token;
        this.experience.answered += 1;
      } else void this.#extend(boot, this.#recover(boot, target, token));
    }
  }

  /** A request that waits for a token, or whose token the services refuse. */
  async #recover(boot: Boot, target: TokenTarget, tried: string | undefined): Promise<void> {
    const { manager } = boot;
    try {
      let token = tried ?? (await manager.token(target));
      if (token !== undefined && !this.server.accepts(token)) {
        await this.clock.wait(50);
        token = await manager.renew(target, token);
      }
      if (token === undefined) {
        await this.#signIn(boot);
        token = await manager.token(target);
      }
      if (token !== undefined && this.server.accepts(token)) this.experience.answered += 1;
      else this.experience.fail(this, this.clock.now());
    } catch (error) {
      if (!(error instanceof TokenEndpointUnavailable)) throw error;
      this.experience.fail(this, this.clock.now());
    }
  }

  #signIn(boot: Boot): Promise<void> {
    boot.signingIn ??= (async () => {
      this.server.requested.challenge.add(this.clock.now());
      await this.clock.wait(SIGN_IN_MS);
      await boot.manager.save(portalTarget.portal, {
        accessToken: this.server.issue(ACCESS_LIFE_MS),
        expiresInS: ACCESS_LIFE_MS / 1000,
        refreshToken: this.server.issueRefreshToken(),
        refreshTokenExpiresInS: REFRESH_LIFE_MS / 1000,
        username: 'ana',
      });
      delete boot.signingIn;
    })();
    return boot.signingIn;
  }

  async #extend(boot: Boot, work: Promise<unknown>): Promise<void> {
    boot.working += 1;
    await work.catch((error: unknown) => {
      if (!(error instanceof TokenEndpointUnavailable)) throw error;
    });
    boot.working -= 1;
    boot.lastEventMs = this.clock.now();
  }

  #boot(tab: number): Boot {
    const key = this.sharing === 'worker' ? 0 : tab;
    const nowMs = this.clock.now();
    const running = this.#boots.get(key);
    const isStopped = this.sharing === 'worker' && running && nowMs - running.lastEventMs > IDLE_MS;
    if (running && (!isStopped || running.working > 0)) {
      running.lastEventMs = nowMs;
      return running;
    }
    const records = this.sharing === 'worker' ? this.#records : new Records(this.#records);
    const now = (): number => this.clock.now() + this.skewMs;
    const manager = new TokenManager({
      portalIndex: new PortalIndex([portalTarget.portal]),
      store: records as unknown as Store,
      onChange: () => undefined,
      serverTokens: new ServerTokens(now),
      now,
    });
    const boot: Boot = {
      manager,
      restored: manager.restore(new Map()).then(() => {
        boot.isReady = true;
      }),
      isReady: false,
      lastEventMs: nowMs,
      working: 0,
    };
    this.#boots.set(key, boot);
    return boot;
  }

  /** Closes a tab and drops the memory of its page. */
  close(tab: number): void {
    if (this.sharing === 'tab') this.#boots.delete(tab);
  }
}

/** Installs the globals of a worker that the manager and its OAuth requests use. */
export function installGlobals(clock: Clock, server: ModelPortal, random: Random): void {
  const globals = {
    fetch: (url: string | URL, init: RequestInit) => server.fetch(String(url), init.body as URLSearchParams),
    // There is one worker per browser, so the lock is always free.
    navigator: { locks: { request: (_: string, __: LockOptions, work: () => Promise<unknown>) => work() } },
  };
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  Math.random = random;
  // The portal responds within the time limits, which must not run in real time.
  AbortSignal.timeout = () => new AbortController().signal;
}
