/** One user's browser: the worker's real credential manager, a worker that stops when idle, and the path of a request in outline. */
import { CredentialManager } from '../../sw/tokens/token-manager.js';
import type { Seals } from '../../sw/storage/key-ring.js';
import type { CredentialRecord, Snapshot, Store } from '../../sw/storage/database.js';
import { NoVerdict } from '../../sw/oauth/token-response.js';
import { arcgisEnterprise } from '../../sw/portals/arcgis.js';
import { fingerprintOf } from '../../sw/portals/portal.js';
import { resolvePortals } from '../../sw/portals/resolve.js';
import { Registry, type Claim } from '../../sw/portals/portal-index.js';
import type { Clock } from './clock.js';
import { ACCESS_LIFE_MS, REFRESH_LIFE_MS, type ModelPortal } from './portal.js';
import type { Random } from './random.js';

/** Browsers stop a worker that has had nothing to do for so long, in ms. */
const IDLE_MS = 30_000;

/** What a user takes to sign in, in ms. */
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

export const portalClaim: Claim = { portal, serverRoot: undefined };
export const serverClaim: Claim = { portal, serverRoot: 'https://gis.example.org/server' };

/** Keeps tokens as they are: encryption is not what is simulated. */
const openSeals = {
  adopt: () => undefined,
  of: () =>
    Promise.resolve({
      seal: (secrets: unknown) => Promise.resolve(secrets),
      unseal: (sealed: unknown) => Promise.resolve({ value: sealed, isOld: false }),
    }),
} as unknown as Seals;

/** The part of the store that the manager uses. */
class Records {
  readonly #records: Map<string, CredentialRecord>;

  /** @param kept - What a page without a worker read when it was loaded; it writes there, and does not look again. */
  constructor(private readonly kept?: Records) {
    this.#records = new Map(kept?.snapshot().credentials.map((record) => [record.id, record]));
  }

  credential(id: string): Promise<CredentialRecord | undefined> {
    return Promise.resolve(this.#records.get(id));
  }

  putCredential(record: CredentialRecord): Promise<void> {
    this.#records.set(record.id, record);
    void this.kept?.putCredential(record);
    return Promise.resolve();
  }

  removeCredentials(_portal: string, successor?: CredentialRecord): Promise<void> {
    this.#records.clear();
    void this.kept?.removeCredentials(_portal);
    return successor ? this.putCredential(successor) : Promise.resolve();
  }

  snapshot(): Snapshot {
    return { credentials: [...this.#records.values()], servers: [], key: undefined };
  }
}

/** What requests met, of all users. */
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

/** A worker for all tabs, or, for comparison, a manager in the page of every tab: it reads what is stored when it is loaded. */
export type Sharing = 'worker' | 'tab';

interface Boot {
  readonly manager: CredentialManager;
  signingIn?: Promise<void>;
  readonly adopted: Promise<void>;
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
    /** What this machine's clock is ahead of the portal's, in ms. */
    private readonly skewMs: number,
  ) {}

  /** Signed in some time ago, perhaps with a token that is still good. */
  async rememberSignIn(agoMs: number): Promise<void> {
    const signedInMs = this.clock.now() + this.skewMs - agoMs;
    const sealed = {
      accessToken: agoMs < ACCESS_LIFE_MS ? this.server.issue(ACCESS_LIFE_MS - agoMs) : '0.0.0',
      refreshToken: this.server.issueRefreshToken(REFRESH_LIFE_MS - agoMs),
    };
    const { url } = portalClaim.portal;
    await this.#records.putCredential({
      id: url,
      portal: url,
      fingerprint: fingerprintOf(portalClaim.portal),
      username: 'ana',
      obtainedAtMs: signedInMs,
      lifetimeMs: ACCESS_LIFE_MS,
      refreshExpiresAtMs: signedInMs + REFRESH_LIFE_MS,
      refreshLifetimeMs: REFRESH_LIFE_MS,
      sealed,
    } as unknown as CredentialRecord);
  }

  /** A page asks for many things at once. */
  burst(tab: number, claim: Claim, count: number): void {
    const boot = this.#boot(tab);
    if (boot.isReady) this.#burst(boot, claim, count);
    else void boot.adopted.then(() => this.#burst(boot, claim, count));
  }

  #burst(boot: Boot, claim: Claim, count: number): void {
    let taken: string | undefined;
    for (let index = 0; index < count; index++) {
      const token = boot.manager.fresh(claim, (work) => void this.#extend(boot, work));
      // All of a burst arrive at once: the services say the same to the same token.
      if (token !== undefined && (token === taken || this.server.takes(token))) {
        taken = token;
        this.experience.answered += 1;
      } else void this.#extend(boot, this.#recover(boot, claim, token));
    }
  }

  /** The long way of a request: a token that has to be waited for, or one that is refused. */
  async #recover(boot: Boot, claim: Claim, tried: string | undefined): Promise<void> {
    const { manager } = boot;
    try {
      let token = tried ?? (await manager.token(claim));
      if (token !== undefined && !this.server.takes(token)) {
        await this.clock.wait(50);
        token = await manager.renew(claim, token);
      }
      if (token === undefined) {
        await this.#signIn(boot);
        token = await manager.token(claim);
      }
      if (token !== undefined && this.server.takes(token)) this.experience.answered += 1;
      else this.experience.fail(this, this.clock.now());
    } catch (error) {
      if (!(error instanceof NoVerdict)) throw error;
      this.experience.fail(this, this.clock.now());
    }
  }

  #signIn(boot: Boot): Promise<void> {
    boot.signingIn ??= (async () => {
      this.server.asked.challenge.add(this.clock.now());
      await this.clock.wait(SIGN_IN_MS);
      await boot.manager.save(portalClaim.portal, {
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
      if (!(error instanceof NoVerdict)) throw error;
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
    const manager = new CredentialManager(
      new Registry([portalClaim.portal]),
      records as unknown as Store,
      openSeals,
      () => undefined,
      () => this.clock.now() + this.skewMs,
    );
    const boot: Boot = {
      manager,
      adopted: manager.adopt(records.snapshot()).then(() => {
        boot.isReady = true;
      }),
      isReady: false,
      lastEventMs: nowMs,
      working: 0,
    };
    this.#boots.set(key, boot);
    return boot;
  }

  /** A tab is closed: what its page kept in memory is gone. */
  close(tab: number): void {
    if (this.sharing === 'tab') this.#boots.delete(tab);
  }
}

/** The globals of a worker, as far as the manager and its OAuth requests use them. */
export function installGlobals(clock: Clock, server: ModelPortal, random: Random): void {
  const globals = {
    fetch: (url: string | URL, init: RequestInit) => server.fetch(String(url), init.body as URLSearchParams),
    // One worker a browser: nobody else holds the lock.
    navigator: { locks: { request: (_: string, __: LockOptions, work: () => Promise<unknown>) => work() } },
  };
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  Math.random = random;
  // The portal answers or refuses within the limits: none of them is reached, and none may wait in real time.
  AbortSignal.timeout = () => new AbortController().signal;
}
