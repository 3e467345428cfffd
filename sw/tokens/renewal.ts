/** Renews access tokens: one renewal at a time per credential, in all versions of the worker, with pauses while a server is in trouble. */
import {
  MAX_BACKOFF_MS,
  OAuthError,
  TokenEndpointUnavailable,
  type TokenResponse,
} from '../oauth/token-endpoint.js';
import { targetKey, type TokenTarget } from '../portals/portal-index.js';
import { fingerprintOf, type Portal } from '../portals/portal.js';
import { ExpiringMap } from '../storage/expiring-map.js';
import { isRefreshTokenAgeing, type Credential, type CredentialIdentity } from './token-lifetime.js';

/** Longest wait for another version of the worker to finish its refresh, in ms. */
const LOCK_TIMEOUT_MS = 10_000;

/** So many failed renewals that a request waits for are tried without a pause while the server is in trouble. */
const MAX_FOREGROUND_FAILURES = 4;

/** Pause after a first failed renewal, in ms; each further one doubles it, up to `MAX_BACKOFF_MS`. */
const MIN_BACKOFF_MS = 1_000;

/**
 * Longest pause in the renewals that requests wait for, in ms: so soon they find out that the trouble is over. It allows at most 16
 * attempts a minute for one credential. Shorter ones keep an overloaded portal down for longer (docs/scale.md).
 */
const MAX_FOREGROUND_PAUSE_MS = 10_000;

/** Longest pause that a server is granted by its Retry-After, in ms. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** The failed attempts to renew a credential. */
interface Backoff {
  readonly failures: number;
  readonly portal: Portal;
  /** Until when renewals that requests wait for are put off too, in ms since the epoch. */
  readonly foregroundUntilMs: number;
}

/** What a renewal reads and changes of the credentials. */
export interface CredentialAccess {
  /** The credential in memory, `undefined` where none is. */
  current(portal: Portal): Credential | undefined;
  /** Whether its access token must be renewed before it is used. */
  isStale(portal: Portal): boolean;
  /** Raised by sign-in and sign-out. */
  generation(portal: Portal): number;
  /** Takes a stored credential if it is newer than memory's and nobody has signed in or out since the generation. */
  restoreNewer(portal: Portal, generation: number): Promise<void>;
  /** Stores the tokens of a response, unless a sign-in or sign-out came first. @returns The token to use. */
  accept(
    portal: Portal,
    generation: number,
    response: TokenResponse,
    previous: CredentialIdentity & Partial<Credential>,
  ): Promise<string | undefined>;
  /** Notes that a credential's refresh token is about to be sent. */
  noteSent(portal: Portal, generation: number, sent: Credential): Promise<void>;
  /** Drops a credential whose refresh token is dead. @returns The token of a newer sign-in. */
  drop(portal: Portal, dead: Credential): Promise<string | undefined>;
  token(target: TokenTarget): Promise<string | undefined>;
  renew(target: TokenTarget, rejected: string): Promise<string | undefined>;
}

/** The portal's own tokens, for a request of the worker to the portal. */
export interface PortalTokens {
  /** A usable token, `undefined` where the user has to sign in first. */
  current(): Promise<string | undefined>;
  /** Another one than a token that the portal has rejected. */
  renew(rejected: string): Promise<string | undefined>;
}

/** Gets the token of a federated server from its portal; carried by the part `federation`. */
export interface ServerTokenExchange {
  /**
   * @returns `undefined` where the portal does not vouch for the server, or where its user has to sign in first.
   * @throws TokenEndpointUnavailable when the portal could not be asked.
   */
  exchange(portal: Portal, serverRoot: string, tokens: PortalTokens): Promise<TokenResponse | undefined>;
  /** Forgets what was remembered of a portal's servers. */
  evict(portal: Portal): void;
}

/** All renewals of the worker. */
export class Renewal {
  readonly #pending = new Map<
    string,
    { readonly portal: Portal; readonly startedAtMs: number; readonly work: Promise<string | undefined> }
  >();
  /** What failed last, by portal or server: a flood of requests must not become one of renewals. */
  readonly #backoffs: ExpiringMap<string, Backoff>;

  constructor(
    private readonly credentials: CredentialAccess,
    private readonly servers: ServerTokenExchange | undefined,
    private readonly now: () => number,
  ) {
    this.#backoffs = new ExpiringMap(0, now);
  }

  /** Whether a renewal is under way, or put off. */
  isPendingOrPaused(key: string): boolean {
    return this.#pending.has(key) || this.#backoffs.get(key) !== undefined;
  }

  /** How long the renewal under way has taken so far, in ms; 0 where there is none. */
  pendingForMs(key: string): number {
    const nowMs = this.now();
    return Math.max(0, nowMs - (this.#pending.get(key)?.startedAtMs ?? nowMs));
  }

  /**
   * Renews the token of a target; everybody who asks meanwhile shares the renewal.
   *
   * @param rejected - The token that is not to be returned.
   * @returns `undefined` where the user has to sign in first.
   * @throws {@link TokenEndpointUnavailable} when the server could not be asked, or is being left alone.
   */
  once(target: TokenTarget, rejected: string | undefined): Promise<string | undefined> {
    const key = targetKey(target);
    const pending = this.#pending.get(key);
    if (pending) return pending.work;
    const renewal = {
      portal: target.portal,
      startedAtMs: this.now(),
      work: this.#unlessPaused(target, rejected).finally(() => {
        if (this.#pending.get(key) === renewal) this.#pending.delete(key);
      }),
    };
    this.#pending.set(key, renewal);
    return renewal.work;
  }

  /** Forgets what concerns a portal: the next user must not be given what was being renewed for the last one. */
  evict(portal: Portal): void {
    for (const [key, renewal] of this.#pending) if (renewal.portal === portal) this.#pending.delete(key);
    for (const key of this.#backoffs.keys())
      if (this.#backoffs.last(key)?.portal === portal) this.#backoffs.delete(key);
    this.servers?.evict(portal);
  }

  async #unlessPaused(target: TokenTarget, rejected: string | undefined): Promise<string | undefined> {
    const key = targetKey(target);
    const pauseMs = (this.#backoffs.get(key)?.foregroundUntilMs ?? 0) - this.now();
    if (pauseMs > 0) throw new TokenEndpointUnavailable(pauseMs);
    try {
      const token = await (target.serverRoot === undefined
        ? this.#refresh(target.portal, rejected)
        : this.#exchange(target.portal, target.serverRoot));
      this.#backoffs.delete(key);
      return token;
    } catch (error) {
      if (error instanceof TokenEndpointUnavailable) this.#backOff(key, target.portal, error.retryAfterMs);
      throw error;
    }
  }

  /**
   * Notes a failed attempt. The pause is partly random, so that not all clients come back together.
   *
   * @param retryAfterMs - What the server asked for; 0 where it is in trouble, absent where it may not have been reached.
   */
  #backOff(key: string, portal: Portal, retryAfterMs: number | undefined): void {
    const failures = (this.#backoffs.last(key)?.failures ?? 0) + 1;
    const share = (1 + Math.random()) / 2;
    const askedMs = Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) * (0.5 + share);
    const backgroundMs = Math.min(MIN_BACKOFF_MS * 2 ** failures, MAX_BACKOFF_MS) * share;
    // A network that is back must work at once, and so must a server after a short trouble.
    const isFirst = failures < MAX_FOREGROUND_FAILURES;
    const longestMs = retryAfterMs === undefined ? MIN_BACKOFF_MS : MAX_FOREGROUND_PAUSE_MS;
    const foregroundMs = Math.max(isFirst ? 0 : Math.min(backgroundMs, longestMs * share), askedMs);
    const foregroundUntilMs = this.now() + foregroundMs;
    this.#backoffs.set(key, { failures, portal, foregroundUntilMs }, Math.max(backgroundMs, askedMs));
  }

  /** Refreshes a portal's token, under a lock that every version of this worker takes. */
  #refresh(portal: Portal, rejected: string | undefined): Promise<string | undefined> {
    const { credentials } = this;
    const generation = credentials.generation(portal);
    return underLock(`identity-worker:refresh:${portal.url}`, async () => {
      // Another version of the worker may have refreshed while this one waited for the lock.
      await credentials.restoreNewer(portal, generation);
      const known = credentials.current(portal);
      if (!known) return undefined;
      if (known.accessToken !== rejected && !credentials.isStale(portal)) return known.accessToken;
      if (known.refreshToken === undefined)
        return !credentials.isStale(portal) && (await isAccepted(portal, known))
          ? known.accessToken
          : credentials.drop(portal, known);
      await credentials.noteSent(portal, generation, known);
      try {
        const response = await this.#grantOrAgain(portal, known, known.refreshToken);
        return await credentials.accept(portal, generation, response, known);
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error;
        await credentials.restoreNewer(portal, generation);
        return credentials.drop(portal, known);
      }
    });
  }

  /** Servers have many words for a dead token. One that does not say so for good is asked a second time, and then means it. */
  async #grantOrAgain(portal: Portal, known: Credential, refreshToken: string): Promise<TokenResponse> {
    try {
      return await this.#grant(portal, known, refreshToken);
    } catch (error) {
      if (!(error instanceof OAuthError) || error.isFinal) throw error;
      return portal.authorizationServer.refresh(portal, refreshToken);
    }
  }

  /** A refresh token near its end is exchanged for a new one; a portal that cannot do that refreshes as ever. */
  async #grant(portal: Portal, known: Credential, refreshToken: string): Promise<TokenResponse> {
    const { authorizationServer } = portal;
    if (authorizationServer.exchangeRefreshToken && isRefreshTokenAgeing(known, this.now())) {
      try {
        return await authorizationServer.exchangeRefreshToken(portal, refreshToken);
      } catch (error) {
        if (!(error instanceof OAuthError) || error.isFinal) throw error;
      }
    }
    return authorizationServer.refresh(portal, refreshToken);
  }

  /** Gets a federated server's own token from the portal. */
  async #exchange(portal: Portal, serverRoot: string): Promise<string | undefined> {
    const { credentials, servers } = this;
    const generation = credentials.generation(portal);
    const target: TokenTarget = { portal, serverRoot: undefined };
    const response = await servers?.exchange(portal, serverRoot, {
      current: () => credentials.token(target),
      renew: (rejected) => credentials.renew(target, rejected),
    });
    if (!response) return undefined;
    const identity = { id: serverRoot, portal: portal.url, fingerprint: fingerprintOf(portal) };
    return credentials.accept(portal, generation, response, identity);
  }
}

/** Whether a token that a service has rejected, and that cannot be renewed, is good: then the service accepts none of this user. */
const isAccepted = async (portal: Portal, { accessToken }: Credential): Promise<boolean> =>
  (await portal.authorizationServer.accepts?.(portal, accessToken)) ?? false;

/** Runs work under a Web Lock. A holder that takes too long is passed over: two refreshes are better than none. */
async function underLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  let isStarted = false;
  try {
    return await navigator.locks.request(name, { signal: AbortSignal.timeout(LOCK_TIMEOUT_MS) }, () => {
      isStarted = true;
      return work();
    });
  } catch (error) {
    if (isStarted) throw error;
    return work();
  }
}
