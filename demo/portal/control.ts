// Controls the portal from tests: expire, revoke, move the clock, inject faults, reset.

import type { Fault } from './fault.js';
import type { Faults, Hold, HoldOptions } from './faults.js';
import type { Ports } from './http/ports.js';
import type { PendingSignIns } from './pages/pending-sign-ins.js';
import type { RequestLog } from './request-log.js';
import type { PathPattern } from './request-matcher.js';
import type { LayerEdits } from './services/index.js';
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
  readonly edits: LayerEdits;
  readonly ports: Ports;
}

export class PortalControl {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  /** A copy of all switches. */
  get switches(): Switches {
    return structuredClone(this.#parts.switches);
  }

  /** Sets several switches at once. Others keep their values. */
  set(changes: Partial<Switches>): void {
    Object.assign(this.#parts.switches, structuredClone(changes));
  }

  /** Expires all tokens that give access to resources, or those that match the filter. @returns How many. */
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

  /** Ends browser sessions, so that the next authorization request shows the sign-in form. */
  endSessions(filter?: TokenFilter): number {
    return this.#parts.tokens.endSessions(filter);
  }

  /** Labels of all tokens, never values. */
  tokens(): TokenLabel[] {
    return this.#parts.tokens.list();
  }

  /** Sets the difference of the portal's clock from the machine's, in ms. */
  setClockOffset(offsetMs: number): void {
    this.#parts.switches.clockOffsetMs = offsetMs;
  }

  setAccessTokenLifetime(seconds: number): void {
    this.#parts.switches.accessTokenLifetimeS = seconds;
  }

  /** @param seconds - `undefined`: as the authorization request asks. */
  setRefreshTokenLifetime(seconds: number | undefined): void {
    this.#parts.switches.refreshTokenLifetimeS = seconds ?? null;
  }

  /** @param minutes - -1: no limit. */
  setMaxTokenExpirationMinutes(minutes: number): void {
    this.#parts.switches.maxTokenExpirationMinutes = minutes;
  }

  /** @param seconds - Life of the tokens of federated servers; `undefined`: as clients ask. */
  setServerTokenLifetime(seconds: number | undefined): void {
    this.#parts.switches.serverTokenLifetimeS = seconds ?? null;
  }

  omitRefreshTokenExpiresIn(omit = true): void {
    this.#parts.switches.omitRefreshTokenExpiresIn = omit;
  }

  /** @param value - Value of `expires_in`; `'missing'` leaves it out, `undefined` is the true one. */
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

  /** @param seconds - How long a rotated refresh token can be used again, as where responses got lost; 0: not at all. */
  setRotationGrace(seconds: number): void {
    this.#parts.switches.rotationGraceS = seconds;
  }

  setRevokeFamilyOnReuse(revoke: boolean): void {
    this.#parts.switches.revokeFamilyOnReuse = revoke;
  }

  setStrictAudience(strict: boolean): void {
    this.#parts.switches.strictAudience = strict;
  }

  /** @param seconds - Life of tiles and other static answers in caches; undefined: as each service says. ArcGIS has 86,400. */
  setMaxAge(seconds: number | undefined): void {
    this.#parts.switches.maxAgeS = seconds ?? null;
  }

  /** The answer to a user who is not signed in and asks for an item that is not public: 400 `CONT_0001` or 403 `GWM_0003`. */
  setPrivateItems(answer: Switches['privateItems']): void {
    this.#parts.switches.privateItems = answer;
  }

  /** Makes a service respond 498 to every token, or stop doing so. */
  setAlwaysRefuse(service: string, refuse = true): void {
    const { switches } = this.#parts;
    switches.alwaysRefuse = toggled(switches.alwaysRefuse, service, refuse);
  }

  /** Makes a service respond 403 with subcode 4, as if it required https. */
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

  /** Replaces members of the generic server's metadata, for example by endpoints on another host. */
  setMetadata(members: Readonly<Record<string, string>>): void {
    this.#parts.switches.metadata = members;
  }

  /** Sets `issuer` in the generic server's metadata. `undefined`: the true one. */
  setMetadataIssuer(issuer: string | undefined): void {
    this.#parts.switches.metadataIssuer = issuer ?? null;
  }

  setResponseIss(iss: 'right' | 'wrong' | 'missing'): void {
    this.#parts.switches.responseIss = iss;
  }

  /**
   * Injects a fault into matching requests.
   *
   * @returns A function that ends it.
   * @throws InvalidFault
   */
  fault(path: PathPattern, fault: Fault): () => void {
    return this.#parts.faults.add(path, fault);
  }

  /** Closes the port of a server, and of those that share it: connections are refused. @returns A function that opens it again. */
  closePort(server: ServerName): () => void {
    return this.#parts.ports.close(server);
  }

  /** Holds the responses to matching requests until they are released. */
  hold(path: PathPattern, options?: HoldOptions): Hold {
    return this.#parts.faults.hold(path, options);
  }

  /**
   * Resets switches, faults, holds, features and the log, opens closed ports, and removes all tokens and sessions.
   * Keeps registered redirect URIs and the secrets that `log.leaks` searches for.
   */
  reset(): void {
    const { switches, defaults, tokens, pendingSignIns, faults, log, edits, ports } = this.#parts;
    Object.assign(switches, defaults());
    faults.clear();
    ports.openAll();
    edits.clear();
    tokens.clear();
    pendingSignIns.clear();
    log.clear();
  }
}

function toggled(names: readonly string[], name: string, on: boolean): string[] {
  const others = names.filter((other) => other !== name);
  return on ? [...others, name] : others;
}
