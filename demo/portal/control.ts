// The portal's switches as calls: expire, revoke, move the clock, break things, reset.

import type { Fault, Faults, Hold, HoldOptions } from './faults.js';
import type { PendingSignIns } from './pages/pending-sign-ins.js';
import type { RequestLog } from './request-log.js';
import type { PathPattern } from './request-matcher.js';
import {
  serverNames,
  type CorsMode,
  type EnvelopeShape,
  type ErrorStyle,
  type ServerName,
  type Switches,
} from './switches.js';
import type { TokenFilter, TokenLabel, TokenTable } from './tokens.js';

export interface ControlParts {
  readonly switches: Switches;
  readonly defaults: () => Switches;
  readonly tokens: TokenTable;
  readonly pendingSignIns: PendingSignIns;
  readonly faults: Faults;
  readonly log: RequestLog;
}

export class PortalControl {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  /** A copy of all switches as they stand. */
  get switches(): Switches {
    return structuredClone(this.#parts.switches);
  }

  /** Turns several switches at once; those not named stay. */
  set(changes: Partial<Switches>): void {
    Object.assign(this.#parts.switches, structuredClone(changes));
  }

  /** Makes every token that opens a resource expired, or those the filter names. Returns how many. */
  expireAccessTokens(filter?: TokenFilter): number {
    return this.#parts.tokens.expireAccess(filter);
  }

  revokeAccessTokens(filter?: TokenFilter): number {
    return this.#parts.tokens.revokeAccess(filter);
  }

  expireRefreshTokens(filter?: TokenFilter): number {
    return this.#parts.tokens.expireRefresh(filter);
  }

  revokeRefreshTokens(filter?: TokenFilter): number {
    return this.#parts.tokens.revokeRefresh(filter);
  }

  /** Ends browser sessions, so that the next authorization shows the form. */
  endSessions(filter?: TokenFilter): number {
    return this.#parts.tokens.endSessions(filter);
  }

  /** Labels, never values. */
  tokens(): TokenLabel[] {
    return this.#parts.tokens.list();
  }

  /** Moves the portal's clock away from the machine's, in milliseconds. */
  setClockOffset(offsetMs: number): void {
    this.#parts.switches.clockOffsetMs = offsetMs;
  }

  setAccessTokenLifetime(seconds: number): void {
    this.#parts.switches.accessTokenLifetimeS = seconds;
  }

  /** @param seconds - Undefined: as the authorization request asks. */
  setRefreshTokenLifetime(seconds: number | undefined): void {
    this.#parts.switches.refreshTokenLifetimeS = seconds ?? null;
  }

  /** @param minutes - -1: no ceiling. */
  setMaxTokenExpirationMinutes(minutes: number): void {
    this.#parts.switches.maxTokenExpirationMinutes = minutes;
  }

  omitRefreshTokenExpiresIn(omit = true): void {
    this.#parts.switches.omitRefreshTokenExpiresIn = omit;
  }

  /** @param value - What `expires_in` says; `'missing'` leaves it out, undefined tells the truth again. */
  setExpiresIn(value: number | string | undefined): void {
    if (value === undefined) this.#parts.switches.expiresIn = null;
    else this.#parts.switches.expiresIn = value === 'missing' ? {} : { value };
  }

  /** @param service - Name such as `Countries`; without it, all services not set by name. */
  setErrorStyle(style: ErrorStyle, service = '*'): void {
    this.#parts.switches.errorStyles[service] = style;
  }

  setEnvelopeShape(shape: EnvelopeShape): void {
    this.#parts.switches.envelopeShape = shape;
  }

  /** @param value - For example `public, max-age=300`; undefined: `no-store`. */
  setEnvelopeCacheControl(value: string | undefined): void {
    this.#parts.switches.envelopeCacheControl = value ?? null;
  }

  /** @param server - Without it, all servers. */
  setCors(mode: CorsMode, server?: ServerName): void {
    for (const name of server === undefined ? serverNames : [server]) {
      this.#parts.switches.cors[name] = mode;
    }
  }

  setOauthErrorStatus(status: 200 | 400): void {
    this.#parts.switches.oauthErrorStatus = status;
  }

  setRotateOnRefresh(rotate: boolean, server: 'portal' | 'oauth' = 'portal'): void {
    if (server === 'portal') this.#parts.switches.rotateOnRefresh = rotate;
    else this.#parts.switches.oauthRotateOnRefresh = rotate;
  }

  setRevokeFamilyOnReuse(revoke: boolean): void {
    this.#parts.switches.revokeFamilyOnReuse = revoke;
  }

  setStrictAudience(strict: boolean): void {
    this.#parts.switches.strictAudience = strict;
  }

  /** Makes a service answer 498 to everything, or stop doing so. */
  setAlwaysRefuse(service: string, refuse = true): void {
    const { switches } = this.#parts;
    switches.alwaysRefuse = toggled(switches.alwaysRefuse, service, refuse);
  }

  /** Makes a service answer 403 with subcode 4, as if it insisted on https. */
  setSslRequired(service: string, required = true): void {
    const { switches } = this.#parts;
    switches.sslRequired = toggled(switches.sslRequired, service, required);
  }

  /** Cross-Origin-Opener-Policy of the sign-in pages. */
  setCoop(policy: 'same-origin' | 'same-origin-allow-popups' | undefined): void {
    this.#parts.switches.coop = policy ?? null;
  }

  /** `currentVersion`; below 8.4 the portal ignores PKCE. */
  setPortalVersion(version: string): void {
    this.#parts.switches.portalVersion = version;
  }

  /** Puts the portal behind web-tier authentication, with the hosts that may get credentials. */
  setWebTier(on: boolean, authorizedCrossOriginDomains: readonly string[] = []): void {
    this.#parts.switches.webTier = on;
    this.#parts.switches.authorizedCrossOriginDomains = [...authorizedCrossOriginDomains];
  }

  /** Members of the generic server's metadata in place of the true ones, such as endpoints on another host. */
  setMetadata(members: Readonly<Record<string, string>>): void {
    this.#parts.switches.metadata = members;
  }

  /** What the generic server's metadata calls its issuer; undefined: the truth. */
  setMetadataIssuer(issuer: string | undefined): void {
    this.#parts.switches.metadataIssuer = issuer ?? null;
  }

  setResponseIss(iss: 'right' | 'wrong' | 'missing'): void {
    this.#parts.switches.responseIss = iss;
  }

  /** Breaks answers to matching requests; returns the function that ends it. */
  fault(path: PathPattern, fault: Fault): () => void {
    return this.#parts.faults.add(path, fault);
  }

  /** Holds answers to matching requests until released. */
  hold(path: PathPattern, options?: HoldOptions): Hold {
    return this.#parts.faults.hold(path, options);
  }

  /**
   * Puts everything back: switches, faults, holds, log; all tokens and sessions are gone.
   * Registered redirect URIs stay, and `log.leaks` still knows every secret.
   */
  reset(): void {
    const { switches, defaults, tokens, pendingSignIns, faults, log } = this.#parts;
    Object.assign(switches, defaults());
    faults.clear();
    tokens.clear();
    pendingSignIns.clear();
    log.clear();
  }
}

function toggled(names: readonly string[], name: string, on: boolean): string[] {
  const others = names.filter((other) => other !== name);
  return on ? [...others, name] : others;
}
