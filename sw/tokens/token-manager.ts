/** One usable token per portal and server: from memory, from the database, or renewed. Never asks the user. */
import type { CredentialInfo } from '../../protocol/credential-info.js';
import { TokenEndpointUnavailable, type TokenResponse } from '../oauth/token-endpoint.js';
import { targetKey, type PortalIndex, type TokenTarget } from '../portals/portal-index.js';
import { fingerprintOf, type Portal } from '../portals/portal.js';
import type { CredentialRecord, Database, Snapshot } from '../storage/database.js';
import type { KeyRing } from '../storage/key-ring.js';
import { decryptRecord, encryptCredential } from './credential-records.js';
import { Renewal, type ServerTokenExchange } from './renewal.js';
import {
  lifeLeftMs,
  toCached,
  toCredential,
  toInfo,
  type CachedCredential,
  type Credential,
  type CredentialIdentity,
} from './token-lifetime.js';

/** Told of every change, with what pages may know. */
type OnChange = (portal: Portal, credential: CredentialInfo | null) => void;

/** What the token manager works with. */
interface Dependencies {
  readonly portalIndex: PortalIndex;
  readonly database: Database;
  readonly keyRing: KeyRing;
  readonly onChange: OnChange;
  /** Absent where the worker has no federated servers. */
  readonly serverTokens?: ServerTokenExchange | undefined;
  /** The clock, in ms since the epoch. */
  readonly now?: () => number;
}

/** The credentials of the worker. Memory is a cache of the database and may vanish between two events. */
export class TokenManager {
  readonly #cached = new Map<string, CachedCredential>();
  /** Raised by sign-in and sign-out: a renewal that began before must not write afterwards. */
  readonly #generations = new Map<string, number>();
  readonly #signOuts = new Map<string, number>();
  /** Portals whose session this boot of the worker has seen end without a sign-out. */
  readonly #ended = new Set<string>();
  readonly #renewal: Renewal;
  readonly #portalIndex: PortalIndex;
  readonly #database: Database;
  readonly #keyRing: KeyRing;
  readonly #onChange: OnChange;
  readonly #now: () => number;

  constructor({
    portalIndex,
    database,
    keyRing,
    onChange,
    serverTokens,
    now = () => Date.now(),
  }: Dependencies) {
    this.#portalIndex = portalIndex;
    this.#database = database;
    this.#keyRing = keyRing;
    this.#onChange = onChange;
    this.#now = now;
    const access = {
      current: (portal: Portal) => this.#cached.get(portal.url)?.credential,
      isStale: (portal: Portal) => this.#isStale(this.#cached.get(portal.url)),
      generation: (portal: Portal) => this.#generation(portal),
      restoreNewer: (portal: Portal, generation: number) => this.#restoreNewer(portal, generation),
      accept: this.#accept.bind(this),
      drop: (portal: Portal, dead: Credential) => this.#drop(portal, dead),
      token: (target: TokenTarget) => this.token(target),
      renew: (target: TokenTarget, rejected: string) => this.renew(target, rejected),
    };
    this.#renewal = new Renewal(access, serverTokens, now);
  }

  /** Takes over what the database holds; credentials that do not decrypt stay there until the next sign-in. */
  async restore({ credentials, key }: Snapshot): Promise<void> {
    this.#keyRing.restore(key);
    await Promise.all(credentials.map((record) => this.#restoreOne(record)));
  }

  /**
   * The token for a target if memory holds a good one. Synchronous: the usual request waits for nothing.
   *
   * @param waitUntil - Keeps the worker alive for a renewal in the background.
   */
  cachedToken(target: TokenTarget, waitUntil: (work: Promise<unknown>) => void): string | undefined {
    const key = targetKey(target);
    const cached = this.#cached.get(key);
    if (!cached || this.#isStale(cached)) return undefined;
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
    if (!this.#isStale(cached) || (isLast && isAlive())) return credential.accessToken;
    try {
      return await this.#renewal.once(target, credential.accessToken);
    } catch (error) {
      // Better a token with seconds to live than none.
      if (error instanceof TokenEndpointUnavailable && isAlive()) return credential.accessToken;
      throw error;
    }
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
    this.#raiseGeneration(portal);
    const identity = { id: portal.url, portal: portal.url, fingerprint: fingerprintOf(portal) };
    const credential = toCredential(response, identity, this.#now());
    this.#evict(portal);
    const record = await encryptCredential(this.#keyRing, portal, credential);
    // A full disk costs the session after the next stop of the worker, not the sign-in.
    await this.#database.replaceCredentials(portal.url, record).catch(() => undefined);
    this.#cache(credential);
    this.#announce(portal);
    if (previous?.refreshToken !== undefined && previous.refreshToken !== credential.refreshToken)
      void revoke(portal, previous);
    return toInfo(credential);
  }

  /**
   * Signs out: memory and database first, then the portal (best effort).
   *
   * @param waitUntil - Keeps the worker alive for the revocation: the sign-out does not wait for it.
   */
  async remove(portal: Portal, waitUntil: (work: Promise<unknown>) => void): Promise<void> {
    const credential = this.#cached.get(portal.url)?.credential;
    this.#raiseGeneration(portal);
    this.#signOuts.set(portal.url, this.signOuts(portal) + 1);
    this.#evict(portal);
    try {
      await this.#database.removeCredentials(portal.url);
    } finally {
      // A database that fails keeps a record whose tokens are dead at the portal.
      this.#announce(portal);
      if (credential) waitUntil(revoke(portal, credential));
    }
  }

  /** How often this boot of the worker has signed out of a portal: tells a request that this happened while it was in flight. */
  signOuts(portal: Portal): number {
    return this.#signOuts.get(portal.url) ?? 0;
  }

  /** Whether the portal has ended the session, as far as this boot of the worker knows. */
  hasEnded(portal: Portal): boolean {
    return this.#ended.has(portal.url);
  }

  /** What pages may know of all credentials. */
  infos(): CredentialInfo[] {
    return this.#portalIndex.portals.flatMap((portal) => this.info(portal) ?? []);
  }

  /** What pages may know of one portal's credential. */
  info(portal: Portal): CredentialInfo | undefined {
    const cached = this.#cached.get(portal.url);
    return cached && toInfo(cached.credential);
  }

  #isStale(cached: CachedCredential | undefined): boolean {
    return cached !== undefined && this.#now() > cached.staleAtMs;
  }

  #cache(credential: Credential): void {
    this.#cached.set(credential.id, toCached(credential));
  }

  async #restoreOne(record: CredentialRecord): Promise<void> {
    const portal = this.#portalIndex.byUrl(record.portal);
    // What an earlier registration kept less securely than this one asks for must not stay.
    if (portal && portal.persistence !== 'persistent' && fingerprintOf(portal) !== record.fingerprint)
      await this.#database.removeCredential(record.id).catch(() => undefined);
    else await this.#restoreRecord(record);
  }

  async #restoreRecord(record: CredentialRecord): Promise<void> {
    const portal = this.#portalIndex.byUrl(record.portal);
    const restored = await decryptRecord(this.#keyRing, portal, record);
    if (!portal || !restored) return;
    this.#cache(restored.credential);
    if (restored.isOld) await this.#write(portal, restored.credential).catch(() => undefined);
  }

  /** Takes a stored credential only if it is newer than memory's: a write that failed leaves an older refresh token behind. */
  async #restoreNewer(portal: Portal, generation: number): Promise<void> {
    const stored = await this.#database.credential(portal.url).catch(() => undefined);
    const known = this.#cached.get(portal.url)?.credential;
    const isNewer = stored && known && stored.obtainedAtMs > known.obtainedAtMs;
    if (isNewer && generation === this.#generation(portal)) await this.#restoreRecord(stored);
  }

  async #write(portal: Portal, credential: Credential): Promise<void> {
    const record = await encryptCredential(this.#keyRing, portal, credential);
    if (record) await this.#database.putCredential(record);
  }

  /** Writes before anything uses the tokens. A sign-out or a new sign-in that came meanwhile wins. */
  async #accept(
    portal: Portal,
    generation: number,
    response: TokenResponse,
    previous: CredentialIdentity & Partial<Credential>,
  ): Promise<string | undefined> {
    const credential = toCredential(response, previous, this.#now());
    const record = await encryptCredential(this.#keyRing, portal, credential);
    const isCurrent = (): boolean => generation === this.#generation(portal);
    const isWritten = isCurrent();
    // A write that fails costs the session after the next stop; the new token in memory is still the right one to use.
    if (isWritten && record) await this.#database.putCredential(record).catch(() => undefined);
    if (!isCurrent()) {
      // Nothing of the response may stay, here or at the portal.
      const current = this.#cached.get(credential.id)?.credential;
      if (isWritten) await this.#undoWrite(portal, credential.id, current).catch(() => undefined);
      if (credential.id === portal.url) await revoke(portal, credential);
      return current?.accessToken;
    }
    this.#cache(credential);
    if (credential.id === portal.url) this.#announce(portal);
    return credential.accessToken;
  }

  async #undoWrite(portal: Portal, id: string, current: Credential | undefined): Promise<void> {
    await (current ? this.#write(portal, current) : this.#database.removeCredential(id));
  }

  /** The server said that this very refresh token is dead. A newer sign-in stays. */
  async #drop(portal: Portal, dead: Credential): Promise<string | undefined> {
    const current = this.#cached.get(portal.url)?.credential;
    if (current && current.accessToken !== dead.accessToken) return current.accessToken;
    this.#raiseGeneration(portal);
    this.#evict(portal);
    this.#ended.add(portal.url);
    await this.#database.removeCredentials(portal.url).catch(() => undefined);
    this.#announce(portal);
    return undefined;
  }

  #evict(portal: Portal): void {
    for (const [id, { credential }] of this.#cached)
      if (credential.portal === portal.url) this.#cached.delete(id);
    this.#renewal.evict(portal);
    this.#ended.delete(portal.url);
  }

  #announce(portal: Portal): void {
    this.#onChange(portal, this.info(portal) ?? null);
  }

  #generation(portal: Portal): number {
    return this.#generations.get(portal.url) ?? 0;
  }

  #raiseGeneration(portal: Portal): void {
    this.#generations.set(portal.url, this.#generation(portal) + 1);
  }
}

async function revoke(portal: Portal, { refreshToken, accessToken }: Credential): Promise<void> {
  // ArcGIS revokes the access tokens of a refresh token with it (ArcGIS REST: Revoke Token).
  if (refreshToken !== undefined)
    await portal.authorizationServer.revoke(portal, refreshToken, 'refresh_token');
  else await portal.authorizationServer.revoke(portal, accessToken, 'access_token');
}
