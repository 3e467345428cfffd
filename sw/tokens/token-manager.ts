/** One usable token per portal and server: from memory, from the store, refreshed, or exchanged. Never by asking a person. */
import type { CredentialInfo } from '../../protocol/credential-info.js';
import { exchangeForServer } from './server-tokens.js';
import { COOL_DOWN_MS, GrantRefused, NoVerdict, type TokenAnswer } from '../oauth/token-response.js';
import { fingerprintOf, type Portal } from '../portals/portal.js';
import { claimId, type Claim, type Registry } from '../portals/portal-index.js';
import {
  isAgeing,
  isRefreshTokenAgeing,
  isStale,
  lifeLeftMs,
  toCredential,
  toInfo,
  type Credential,
  type Secrets,
} from './token-lifetime.js';
import type { Seals } from '../storage/key-ring.js';
import type { CredentialRecord, Snapshot, Store } from '../storage/database.js';

/** Longest wait for another version of the worker to finish its refresh, in ms. */
const LOCK_TIMEOUT_MS = 10_000;

/** So many renewals that somebody waits for are tried without a pause while the server is in trouble. */
const PATIENCE = 4;

/** Shortest pause after a first renewal in vain, in ms; each further one doubles it, up to the cool-down. */
const FIRST_REST_MS = 1_000;

/** Longest rest that a server is granted, in ms. */
const LONGEST_REST_MS = 5 * 60_000;

/** How long a server that the portal does not vouch for is sent nothing and not asked for again, in ms. */
const REFUSED_SERVER_MS = 5 * 60_000;

/** A pause in the attempts to renew a credential. */
interface Rest {
  readonly failures: number;
  readonly atMs: number;
  readonly forMs: number;
  /** Only renewals that nobody waits for are put off. */
  readonly isBackground: boolean;
}

/** Told of every change, with what pages may know. */
type OnChange = (portal: Portal, credential: CredentialInfo | null) => void;

/** The credentials of the worker. Memory is a cache of the store and may vanish between two events. */
export class CredentialManager {
  readonly #memory = new Map<string, Credential>();
  readonly #renewals = new Map<string, { portal: Portal; work: Promise<string | undefined> }>();
  /** Raised by sign-in and sign-out: a refresh that began before must not write afterwards. */
  readonly #generations = new Map<string, number>();
  readonly #signOuts = new Map<string, number>();
  /** Portals whose session this boot of the worker has seen end without anybody signing out. */
  readonly #ended = new Set<string>();
  readonly #refusedServers = new Map<string, number>();
  /** What each portal or server was last asked for in vain: a flood of requests must not become one of renewals. */
  readonly #rests = new Map<string, Rest>();

  constructor(
    private readonly registry: Registry,
    private readonly store: Store,
    private readonly seals: Seals,
    private readonly onChange: OnChange,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /** Takes over what the store holds; unreadable credentials stay until the next sign-in. */
  async adopt({ credentials, key }: Snapshot): Promise<void> {
    this.seals.adopt(key);
    await Promise.all(credentials.map((record) => this.#adoptOne(record)));
  }

  async #adoptOne(record: CredentialRecord): Promise<void> {
    const portal = this.registry.portal(record.portal);
    // What an earlier registration kept in a weaker way than this one wants must not lie about.
    if (portal && portal.persistence !== 'persistent' && fingerprintOf(portal) !== record.fingerprint)
      await this.store.removeCredential(record.id).catch(() => undefined);
    else await this.#remember(record);
  }

  /**
   * The token for a claim if memory holds a good one. Synchronous: the hot path waits for nothing.
   *
   * @param extend - Keeps the worker alive for a renewal in the background.
   */
  fresh(claim: Claim, extend: (work: Promise<unknown>) => void): string | undefined {
    const credential = this.#memory.get(claimId(claim));
    if (!credential || isStale(credential, this.now())) return undefined;
    if (
      isAgeing(credential, this.now()) &&
      !this.#renewals.has(credential.id) &&
      !this.#restOf(credential.id)
    ) {
      extend(this.#renewOnce(claim, credential.accessToken));
    }
    return credential.accessToken;
  }

  /**
   * The token for a claim, renewed where it has to be.
   *
   * @returns `undefined` where a person has to sign in first.
   * @throws {@link NoVerdict} when the token has expired and the portal cannot be reached: nothing is lost.
   */
  async token(claim: Claim): Promise<string | undefined> {
    const credential = this.#memory.get(claimId(claim));
    if (!credential) return claim.serverRoot === undefined ? undefined : this.#renewOnce(claim, undefined);
    const isFinal = claim.serverRoot === undefined && credential.refreshToken === undefined;
    if (!isStale(credential, this.now()) || (isFinal && lifeLeftMs(credential, this.now()) > 0))
      return credential.accessToken;
    try {
      return await this.#renewOnce(claim, credential.accessToken);
    } catch (error) {
      // Better a token with seconds to live than none.
      if (error instanceof NoVerdict && lifeLeftMs(credential, this.now()) > 0) return credential.accessToken;
      throw error;
    }
  }

  /**
   * Another token than the one the server refused, whatever the clock says.
   *
   * @returns `undefined` when it cannot be renewed: the credential is gone then.
   * @throws {@link NoVerdict} when the portal cannot be reached.
   */
  async renew(claim: Claim, refused: string): Promise<string | undefined> {
    const current = this.#memory.get(claimId(claim))?.accessToken;
    // Somebody has renewed it since this request was sent.
    if (current !== undefined && current !== refused) return current;
    return this.#renewOnce(claim, refused);
  }

  /** Stores a new sign-in; the credential before it and its server tokens go, here and, best effort, at the portal. */
  async save(portal: Portal, answer: TokenAnswer): Promise<CredentialInfo> {
    const former = this.#memory.get(portal.url);
    this.#raiseGeneration(portal);
    const credential = toCredential(
      answer,
      { id: portal.url, portal: portal.url, fingerprint: fingerprintOf(portal) },
      this.now(),
    );
    this.#forget(portal);
    const record = await this.#toRecord(portal, credential);
    // A full disk costs the session after the next stop of the worker, not the sign-in.
    await this.store.removeCredentials(portal.url, record).catch(() => undefined);
    this.#memory.set(credential.id, credential);
    this.#announce(portal);
    if (former?.refreshToken !== undefined && former.refreshToken !== credential.refreshToken)
      void this.#revoke(portal, former);
    return toInfo(credential);
  }

  /**
   * Signs out: memory and store first, then the portal (best effort).
   *
   * @param extend - Keeps the worker alive for the revocation: the person does not wait for it.
   */
  async remove(portal: Portal, extend: (work: Promise<unknown>) => void): Promise<void> {
    const credential = this.#memory.get(portal.url);
    this.#raiseGeneration(portal);
    this.#signOuts.set(portal.url, this.signOuts(portal) + 1);
    this.#forget(portal);
    try {
      await this.store.removeCredentials(portal.url);
    } finally {
      // A database that fails keeps a record whose tokens are dead at the portal.
      this.#announce(portal);
      if (credential) extend(this.#revoke(portal, credential));
    }
  }

  /** How often this boot of the worker has signed out of a portal: tells a request that the person left while it was under way. */
  signOuts(portal: Portal): number {
    return this.#signOuts.get(portal.url) ?? 0;
  }

  /** Whether the portal has ended the session, as far as this boot of the worker knows. */
  hasEnded(portal: Portal): boolean {
    return this.#ended.has(portal.url);
  }

  /** What pages may know of all credentials. */
  infos(): CredentialInfo[] {
    return this.registry.portals.flatMap((portal) => this.info(portal) ?? []);
  }

  /** What pages may know of one portal's credential. */
  info(portal: Portal): CredentialInfo | undefined {
    const credential = this.#memory.get(portal.url);
    return credential && toInfo(credential);
  }

  async #remember(record: CredentialRecord): Promise<Credential | undefined> {
    const portal = this.registry.portal(record.portal);
    if (!portal || fingerprintOf(portal) !== record.fingerprint) return undefined;
    const unsealed = await (await this.seals.of(portal.persistence)).unseal(record.sealed, contextOf(record));
    const secrets = unsealed?.value as Secrets | undefined;
    if (typeof secrets?.accessToken !== 'string') return undefined;
    const { sealed: _, ...facts } = record;
    const credential = { ...facts, ...secrets };
    this.#memory.set(credential.id, credential);
    if (unsealed?.isOld) await this.#write(portal, credential).catch(() => undefined);
    return credential;
  }

  /** Takes a stored credential over memory's only if it is newer: a write that failed leaves an older refresh token behind. */
  async #adoptNewer(portal: Portal, generation: number): Promise<void> {
    const stored = await this.store.credential(portal.url).catch(() => undefined);
    const known = this.#memory.get(portal.url);
    if (
      stored &&
      known &&
      stored.obtainedAtMs > known.obtainedAtMs &&
      generation === this.#generation(portal)
    ) {
      await this.#remember(stored);
    }
  }

  /** The record of a credential, or `undefined` where none is to be kept. */
  async #toRecord(
    { persistence }: Portal,
    { accessToken, refreshToken, ...facts }: Credential,
  ): Promise<CredentialRecord | undefined> {
    if (persistence === 'memory') return undefined;
    const secrets: Secrets = { accessToken, ...(refreshToken === undefined ? {} : { refreshToken }) };
    return { ...facts, sealed: await (await this.seals.of(persistence)).seal(secrets, contextOf(facts)) };
  }

  async #write(portal: Portal, credential: Credential): Promise<void> {
    const record = await this.#toRecord(portal, credential);
    if (record) await this.store.putCredential(record);
  }

  /** One renewal in flight per credential, whoever asks. */
  #renewOnce(claim: Claim, refused: string | undefined): Promise<string | undefined> {
    const id = claimId(claim);
    const pending = this.#renewals.get(id);
    if (pending) return pending.work;
    const renewal = {
      portal: claim.portal,
      work: this.#renewUnlessCooling(claim, refused).finally(() => {
        if (this.#renewals.get(id) === renewal) this.#renewals.delete(id);
      }),
    };
    this.#renewals.set(id, renewal);
    return renewal.work;
  }

  async #renewUnlessCooling(claim: Claim, refused: string | undefined): Promise<string | undefined> {
    const id = claimId(claim);
    const { portal, serverRoot } = claim;
    if (this.#restOf(id)?.isBackground === false) throw new NoVerdict();
    try {
      const token = await (serverRoot === undefined
        ? this.#refresh(portal, refused)
        : this.#exchange(portal, serverRoot));
      this.#rests.delete(id);
      return token;
    } catch (error) {
      if (error instanceof NoVerdict) this.#rest(id, error.restMs);
      throw error;
    }
  }

  /** The pause that a credential is in. A clock that was set back must not make it longer. */
  #restOf(id: string): Rest | undefined {
    const rest = this.#rests.get(id);
    const restedMs = this.now() - (rest?.atMs ?? 0);
    return rest && restedMs >= 0 && restedMs < rest.forMs ? rest : undefined;
  }

  /**
   * Notes an attempt in vain. Chance has a part in the pause, so that not all clients come back together.
   *
   * @param askedMs - What the server asked for; 0 where it is in trouble, absent where it may not have been reached: then only
   *   renewals that nobody waits for are put off, since a network that is back must work at once.
   */
  #rest(id: string, askedMs: number | undefined): void {
    const failures = (this.#rests.get(id)?.failures ?? 0) + 1;
    const share = 1 + Math.random();
    this.#rests.set(id, {
      failures,
      atMs: this.now(),
      forMs:
        Math.max(
          Math.min(FIRST_REST_MS * 2 ** failures, COOL_DOWN_MS) * share,
          Math.min(askedMs ?? 0, LONGEST_REST_MS) * (1 + share),
        ) / 2,
      isBackground: askedMs === undefined || (askedMs === 0 && failures < PATIENCE),
    });
  }

  /** Refreshes a portal's token, under a lock that every version of this worker takes. */
  async #refresh(portal: Portal, refused: string | undefined): Promise<string | undefined> {
    const generation = this.#generation(portal);
    return underLock(`identity-worker:refresh:${portal.url}`, async () => {
      // Another version of the worker may have refreshed while this one waited for the lock.
      await this.#adoptNewer(portal, generation);
      const known = this.#memory.get(portal.url);
      if (!known) return undefined;
      if (known.accessToken !== refused && !isStale(known, this.now())) return known.accessToken;
      if (known.refreshToken === undefined) return this.#drop(portal, known);
      try {
        return await this.#accept(
          portal,
          generation,
          await this.#grant(portal, known, known.refreshToken),
          known,
        );
      } catch (error) {
        if (!(error instanceof GrantRefused)) throw error;
        if (!error.isFinal) throw new NoVerdict(COOL_DOWN_MS);
        await this.#adoptNewer(portal, generation);
        return this.#drop(portal, known);
      }
    });
  }

  /** A refresh token near its end is swapped for a new one; a portal that does not know how refreshes as ever. */
  async #grant(portal: Portal, known: Credential, refreshToken: string): Promise<TokenAnswer> {
    const { dialect } = portal;
    if (dialect.exchangeRefreshToken && isRefreshTokenAgeing(known, this.now())) {
      try {
        return await dialect.exchangeRefreshToken(portal, refreshToken);
      } catch (error) {
        if (!(error instanceof GrantRefused) || error.isFinal) throw error;
      }
    }
    return dialect.refresh(portal, refreshToken);
  }

  /** Gets a federated server's own token from the portal. */
  async #exchange(portal: Portal, serverRoot: string): Promise<string | undefined> {
    const generation = this.#generation(portal);
    const refusedAtMs = this.#refusedServers.get(serverRoot);
    if (refusedAtMs !== undefined && this.now() - refusedAtMs < REFUSED_SERVER_MS) return undefined;
    const portalClaim: Claim = { portal, serverRoot: undefined };
    let portalToken = await this.token(portalClaim);
    for (let isRetry = false; portalToken !== undefined; isRetry = true) {
      try {
        const answer = await exchangeForServer(portal, portalToken, serverRoot);
        return await this.#accept(portal, generation, answer, {
          id: serverRoot,
          portal: portal.url,
          fingerprint: fingerprintOf(portal),
        });
      } catch (error) {
        if (!(error instanceof GrantRefused)) throw error;
        if (error.oauthError !== 'invalid_token' || isRetry) {
          this.#refusedServers.set(serverRoot, this.now());
          return undefined;
        }
        portalToken = await this.renew(portalClaim, portalToken);
      }
    }
    return undefined;
  }

  /** Writes before anything uses the answer; sign-out or a new sign-in meanwhile wins. */
  async #accept(
    portal: Portal,
    generation: number,
    answer: TokenAnswer,
    of: Pick<Credential, 'id' | 'portal' | 'fingerprint'> & Partial<Credential>,
  ): Promise<string | undefined> {
    const credential = toCredential(answer, of, this.now());
    const record = await this.#toRecord(portal, credential);
    const isCurrent = (): boolean => generation === this.#generation(portal);
    const isWritten = isCurrent();
    // A write that fails costs the session after the next stop; the new token in memory is still the right one to use.
    if (isWritten && record) await this.store.putCredential(record).catch(() => undefined);
    if (!isCurrent()) {
      // Signed out or in anew while the answer was under way: nothing of it may stay, here or at the portal.
      const current = this.#memory.get(credential.id);
      if (isWritten) await this.#undo(portal, credential.id, current).catch(() => undefined);
      if (credential.id === portal.url) await this.#revoke(portal, credential);
      return current?.accessToken;
    }
    this.#memory.set(credential.id, credential);
    if (credential.id === portal.url) this.#announce(portal);
    return credential.accessToken;
  }

  async #undo(portal: Portal, id: string, current: Credential | undefined): Promise<void> {
    await (current ? this.#write(portal, current) : this.store.removeCredential(id));
  }

  /** The server said that this very grant is dead. A newer sign-in is left alone. */
  async #drop(portal: Portal, dead: Credential): Promise<string | undefined> {
    const current = this.#memory.get(portal.url);
    if (current && current.accessToken !== dead.accessToken) return current.accessToken;
    this.#raiseGeneration(portal);
    this.#forget(portal);
    this.#ended.add(portal.url);
    await this.store.removeCredentials(portal.url).catch(() => undefined);
    this.#announce(portal);
    return undefined;
  }

  async #revoke(portal: Portal, { refreshToken, accessToken }: Credential): Promise<void> {
    // ArcGIS revokes the access tokens of a refresh token with it (ArcGIS REST: Revoke Token).
    if (refreshToken !== undefined) await portal.dialect.revoke(portal, refreshToken, 'refresh_token');
    else await portal.dialect.revoke(portal, accessToken, 'access_token');
  }

  #forget(portal: Portal): void {
    for (const [id, credential] of this.#memory)
      if (credential.portal === portal.url) this.#memory.delete(id);
    // Who signs in next must not be given what was being renewed for the last one.
    for (const [id, renewal] of this.#renewals) if (renewal.portal === portal) this.#renewals.delete(id);
    this.#ended.delete(portal.url);
    this.#refusedServers.clear();
    this.#rests.clear();
  }

  #announce(portal: Portal): void {
    this.onChange(portal, this.info(portal) ?? null);
  }

  #generation(portal: Portal): number {
    return this.#generations.get(portal.url) ?? 0;
  }

  #raiseGeneration(portal: Portal): void {
    this.#generations.set(portal.url, this.#generation(portal) + 1);
  }
}

/** A sealed credential opens for its own portal and registration only: what stands beside it in clear could be changed. */
const contextOf = ({ id, portal, fingerprint }: Pick<Credential, 'id' | 'portal' | 'fingerprint'>): string =>
  JSON.stringify([id, portal, fingerprint]);

/** Runs work under a Web Lock; whoever holds it for too long is passed over: two refreshes are better than none. */
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
