/** One usable token per portal and server: from memory, from the store, or renewed. Never asks the user. */
import type { CredentialInfo } from '../../protocol/credential-info.js';
import { TokenEndpointUnavailable, type TokenResponse } from '../oauth/token-endpoint.js';
import { targetKey, type PortalIndex, type TokenTarget } from '../portals/portal-index.js';
import { fingerprintOf, type Portal } from '../portals/portal.js';
import { noteSignOut } from '../storage/sign-out-notes.js';
import type { Store } from '../storage/store.js';
import { Renewal, type ServerTokenExchange } from './renewal.js';
import { revoke, toRevocation } from './revocations.js';
import { Sessions } from './sessions.js';
import { StoredCredentials } from './stored-credentials.js';
import {
  isStale,
  lifeLeftMs,
  toCached,
  toCredential,
  toInfo,
  toKeptEndpoints,
  type CachedCredential,
  type Credential,
  type CredentialIdentity,
} from './token-lifetime.js';

/** Told of every change, with what pages may know. A sign-out waits for the promise that it may return. */
type OnChange = (portal: Portal, credential: CredentialInfo | null) => unknown;

/** What the token manager works with. */
interface Dependencies {
  readonly portalIndex: PortalIndex;
  readonly store: Store;
  readonly onChange: OnChange;
  /** Absent where the worker has no federated servers. */
  readonly serverTokens?: ServerTokenExchange | undefined;
  /** The clock, in ms since the epoch. */
  readonly now?: () => number;
}

/** The credentials of the worker. Memory may vanish between two events; the store brings back those of portals. */
export class TokenManager {
  readonly #cached = new Map<string, CachedCredential>();
  readonly #sessions = new Sessions();
  readonly #renewal: Renewal;
  readonly #portalIndex: PortalIndex;
  readonly #stored: StoredCredentials;
  readonly #onChange: OnChange;
  readonly #now: () => number;

  constructor({ portalIndex, store, onChange, serverTokens, now = () => Date.now() }: Dependencies) {
    this.#portalIndex = portalIndex;
    this.#stored = new StoredCredentials(store);
    this.#onChange = onChange;
    this.#now = now;
    const access = {
      current: (portal: Portal) => this.#cached.get(portal.url)?.credential,
      isStale: (portal: Portal) => isStale(this.#cached.get(portal.url), this.#now()),
      generation: this.session,
      restoreNewer: (portal: Portal, generation: number) => this.#restoreNewer(portal, generation),
      accept: this.#accept.bind(this),
      noteSent: this.#noteSent.bind(this),
      drop: this.#drop.bind(this),
      token: (target: TokenTarget) => this.token(target),
      renew: (target: TokenTarget, rejected: string) => this.renew(target, rejected),
    };
    this.#renewal = new Renewal(access, serverTokens, now);
  }

  /**
   * Takes over what the store holds.
   *
   * @param signOuts - When users signed out last, by portal: a store that could not be told then still has their credentials.
   */
  async restore(signOuts: ReadonlyMap<string, number>): Promise<void> {
    for (const portal of this.#portalIndex.portals) {
      const record = this.#stored.of(portal);
      const signedIn = this.#cached.get(portal.url)?.credential;
      // Of a database that could be read only now: the user has signed in meanwhile.
      if (signedIn) await this.#stored.keep(portal, signedIn, 'sign-in');
      else if (record && (signOuts.get(portal.url) ?? 0) > record.obtainedAtMs)
        await this.#stored.keep(portal, undefined, 'sign-out', toRevocation(record));
      else if (record?.fingerprint === fingerprintOf(portal)) {
        const { endpoints } = record;
        if (endpoints) portal.authorizationServer.rememberEndpoints?.(portal, endpoints);
        this.#cache({ ...record, id: portal.url });
      } else if (record && portal.persistence !== 'persistent')
        await this.#stored.keep(portal, undefined, 'end');
      for (const revocation of this.#stored.revocations(portal)) void this.#stored.revoke(portal, revocation);
    }
    await this.#stored.removeMisplaced(this.#portalIndex);
  }

  /**
   * The token for a target if memory holds a good one. Synchronous: the usual request waits for nothing.
   *
   * @param waitUntil - Keeps the worker alive for a renewal in the background.
   */
  cachedToken(target: TokenTarget, waitUntil: (work: Promise<unknown>) => void): string | undefined {
    const key = targetKey(target);
    const cached = this.#cached.get(key);
    if (!cached || isStale(cached, this.#now())) return undefined;
    const { accessToken } = cached.credential;
    if (this.#now() > cached.renewAheadAtMs && !this.#renewal.isPendingOrPaused(key))
      waitUntil(this.#renewal.once(target, accessToken));
    return accessToken;
  }

  /**
   * The token for a target, renewed where it has to be.
   *
   * @returns `undefined` where the user has to sign in first.
   * @throws {@link TokenEndpointUnavailable} when the token has expired and the portal cannot be reached: nothing is lost.
   */
  async token(target: TokenTarget): Promise<string | undefined> {
    const cached = this.#cached.get(targetKey(target));
    if (!cached) return target.serverRoot === undefined ? undefined : this.#renewal.once(target, undefined);
    const { credential } = cached;
    const isAlive = (): boolean => lifeLeftMs(credential, this.#now()) > 0;
    const isLast = target.serverRoot === undefined && credential.refreshToken === undefined;
    // One that cannot be renewed is the server's to refuse: a clock, or a network that is away, ends no session.
    if (isLast || !isStale(cached, this.#now())) return credential.accessToken;
    try {
      return await this.#renewal.once(target, credential.accessToken);
    } catch (error) {
      // Better a token with seconds to live than none.
      if (error instanceof TokenEndpointUnavailable && isAlive()) return credential.accessToken;
      throw error;
    }
  }

  /** How long the renewal of a target's token has taken so far, in ms; 0 where none is under way. */
  renewingForMs(target: TokenTarget): number {
    return this.#renewal.pendingForMs(targetKey(target));
  }

  /** The last token of a target, expired or not. */
  lastToken(target: TokenTarget): string | undefined {
    return this.#cached.get(targetKey(target))?.credential.accessToken;
  }

  /** The last token of a target if it lives, though it may not live long. */
  livingToken(target: TokenTarget): string | undefined {
    const credential = this.#cached.get(targetKey(target))?.credential;
    return credential && lifeLeftMs(credential, this.#now()) > 0 ? credential.accessToken : undefined;
  }

  /**
   * Another token than the one the server rejected, whatever the clock says.
   *
   * @returns `undefined` when it cannot be renewed: the credential is gone then.
   * @throws {@link TokenEndpointUnavailable} when the portal cannot be reached.
   */
  async renew(target: TokenTarget, rejected: string): Promise<string | undefined> {
    const current = this.#cached.get(targetKey(target))?.credential.accessToken;
    // Another request has renewed it since this one was sent.
    if (current !== undefined && current !== rejected) return current;
    return this.#renewal.once(target, rejected);
  }

  /** Stores a new sign-in; the previous credential and its server tokens go, here and, best effort, at the portal. */
  async save(portal: Portal, response: TokenResponse): Promise<CredentialInfo> {
    const previous = this.#cached.get(portal.url)?.credential;
    this.#sessions.begin(portal);
    const endpoints = toKeptEndpoints(portal.authorizationServer.knownEndpoints?.(portal));
    const identity = {
      id: portal.url,
      portal: portal.url,
      fingerprint: fingerprintOf(portal),
      ...(endpoints && { endpoints }),
    };
    const credential = toCredential(response, identity, this.#now());
    this.#evict(portal);
    const isAnothers = previous !== undefined && previous.username !== credential.username;
    // What a server may end together with the new tokens of the same user is left to end by itself.
    const revocation =
      previous?.refreshToken !== undefined &&
      previous.refreshToken !== credential.refreshToken &&
      (isAnothers || portal.authorizationServer.revokesTokenOnly)
        ? toRevocation(previous)
        : undefined;
    await this.#stored.keep(portal, credential, 'sign-in', revocation);
    this.#cache(credential);
    this.#announce(portal);
    if (revocation) void this.#stored.revoke(portal, revocation);
    return toInfo(credential);
  }

  /**
   * Signs out: in memory and at the portal at once, whatever the store does.
   *
   * @param waitUntil - Keeps the worker alive for the revocation: the sign-out does not wait for it.
   */
  async remove(portal: Portal, waitUntil: (work: Promise<unknown>) => void): Promise<void> {
    const credential = this.#cached.get(portal.url)?.credential;
    const revocation = credential && toRevocation(credential);
    portal.authorizationServer.holdIdToken?.(portal, credential?.idToken);
    this.#sessions.signOut(portal);
    this.#evict(portal);
    const forgotten = this.#announce(portal);
    waitUntil(noteSignOut(portal.url).catch(() => undefined));
    const removed = this.#stored.keep(portal, undefined, 'sign-out', revocation);
    if (revocation) waitUntil(this.#stored.revoke(portal, revocation));
    await Promise.all([removed, forgotten]);
  }

  /** How often this boot of the worker has signed out of a portal: tells a request that this happened while it was in flight. */
  signOuts = this.#sessions.signOuts;

  /** Raised by every sign-in, sign-out and end of a session: whether what a request brings is still of the same session. */
  session = this.#sessions.generation;

  /** Whether the portal has ended the session, as far as this boot of the worker knows. */
  hasEnded = this.#sessions.hasEnded;

  /** The user whose session an answer that was lost may have cost; and, once, whether to try to take it up again. */
  lostUser = this.#sessions.lostUser;
  takeLost = this.#sessions.takeLost;

  /** What a step-up has asked for, with the registered scope; `undefined` where nothing was. */
  scope = (portal: Portal): string | undefined => this.#cached.get(portal.url)?.credential.scope;

  /** What pages may know of all credentials. */
  infos(): CredentialInfo[] {
    return this.#portalIndex.portals.flatMap((portal) => this.info(portal) ?? []);
  }

  /** What pages may know of one portal's credential. */
  info(portal: Portal): CredentialInfo | undefined {
    const cached = this.#cached.get(portal.url);
    return cached && toInfo(cached.credential);
  }

  #cache(credential: Credential): void {
    this.#cached.set(credential.id, toCached(credential));
  }

  /** Takes a stored credential only if it is newer than memory's: another version of the worker may have refreshed. */
  async #restoreNewer(portal: Portal, generation: number): Promise<void> {
    await this.#stored.readAgain(portal);
    const stored = this.#stored.of(portal);
    const known = this.#cached.get(portal.url)?.credential;
    const isNewer =
      stored !== undefined &&
      known !== undefined &&
      stored.obtainedAtMs > known.obtainedAtMs &&
      stored.fingerprint === known.fingerprint;
    if (isNewer && generation === this.session(portal)) this.#cache({ ...stored, id: portal.url });
  }

  /** Stores before anything uses the tokens. A sign-out or a new sign-in that came meanwhile wins. */
  async #accept(
    portal: Portal,
    generation: number,
    response: TokenResponse,
    previous: CredentialIdentity & Partial<Credential>,
  ): Promise<string | undefined> {
    const credential = toCredential(response, previous, this.#now());
    const isPortals = credential.id === portal.url;
    const isCurrent = (): boolean => generation === this.session(portal);
    if (isPortals) await this.#stored.keep(portal, credential, 'renewal', undefined, isCurrent);
    if (!isCurrent()) {
      // Nothing of the response may stay, here or at the portal.
      if (isPortals) await revoke(portal, toRevocation(credential));
      return this.#cached.get(credential.id)?.credential.accessToken;
    }
    this.#cache(credential);
    if (isPortals) this.#announce(portal);
    return credential.accessToken;
  }

  /** Before a refresh token is sent: a server that replaces it may have done so when the worker is stopped, or the answer lost. */
  async #noteSent(portal: Portal, generation: number, sent: Credential): Promise<void> {
    const isCurrent = (): boolean => generation === this.session(portal);
    if (sent.isSent || !isCurrent()) return;
    const noted: Credential = { ...sent, isSent: true };
    this.#cache(noted);
    await this.#stored.keep(portal, noted, 'renewal', undefined, isCurrent);
  }

  /** The server said that this very refresh token is dead. A newer sign-in stays. */
  async #drop(portal: Portal, dead: Credential): Promise<string | undefined> {
    const current = this.#cached.get(portal.url)?.credential;
    if (current && current.accessToken !== dead.accessToken) return current.accessToken;
    this.#sessions.end(portal, dead.isSent && dead.username);
    this.#evict(portal);
    await this.#stored.keep(portal, undefined, 'end');
    this.#announce(portal);
    return undefined;
  }

  #evict(portal: Portal): void {
    for (const [id, { credential }] of this.#cached)
      if (credential.portal === portal.url) this.#cached.delete(id);
    this.#renewal.evict(portal);
  }

  #announce(portal: Portal): unknown {
    return this.#onChange(portal, this.info(portal) ?? null);
  }
}
