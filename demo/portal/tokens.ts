// All issued codes, tokens and browser sessions, with audience, user and expiry.

import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';
import type { SecretRegister } from './secrets.js';
import type { FederatedName } from './switches.js';

export type TokenKind =
  | 'code'
  | 'access'
  | 'refresh'
  | 'app'
  | 'generated'
  | 'server'
  | 'hosted'
  | 'alone'
  | 'session'
  | 'oauth-code'
  | 'oauth-access'
  | 'oauth-refresh'
  | 'oauth-session';

/** Who accepts the token. */
export type Audience = FederatedName | 'portal' | 'hosted' | 'alone' | 'oauth';

/** Values of the authorization request that the token request has to match. */
export interface CodeGrant {
  readonly redirectUri: string;
  readonly codeChallenge?: string;
  readonly codeChallengeMethod?: string;
  readonly refreshLifetimeS: number;
  readonly persist: boolean;
  readonly scope?: string;
  readonly nonce?: string;
}

export interface TokenFacts {
  readonly kind: TokenKind;
  readonly audience: Audience;
  readonly lifetimeS: number;
  readonly user?: string;
  readonly clientId?: string;
  /** Label of the code or refresh token that this one was issued for. */
  readonly parent?: string;
  readonly grant?: CodeGrant;
  readonly scope?: string;
  /** Required origin of the `Referer` (generateToken with `client=referer`). */
  readonly boundOrigin?: string;
  /** Required IP address of the client (generateToken with `client=ip` or `requestip`). */
  readonly boundAddress?: string;
}

export interface TokenRecord extends Omit<TokenFacts, 'lifetimeS'> {
  readonly label: string;
  readonly value: string;
  readonly lifetimeS: number;
  expiresAtMs: number;
  revoked: boolean;
  used: boolean;
  /** When a refresh token was rotated, by the portal's clock. */
  rotatedAtMs?: number;
}

/** The description of a token for tests, without its value. */
export interface TokenLabel {
  readonly label: string;
  readonly kind: TokenKind;
  readonly audience: Audience;
  readonly user?: string;
  readonly clientId?: string;
  readonly expiresAtMs: number;
  readonly state: 'valid' | 'expired' | 'revoked' | 'used';
}

export interface TokenFilter {
  readonly kind?: TokenKind;
  readonly user?: string;
  readonly audience?: Audience;
}

/** Kinds that give access to resources. */
const accessKinds: ReadonlySet<TokenKind> = new Set([
  'access',
  'app',
  'generated',
  'server',
  'hosted',
  'alone',
  'oauth-access',
]);
const refreshKinds: ReadonlySet<TokenKind> = new Set(['refresh', 'oauth-refresh']);
const sessionKinds: ReadonlySet<TokenKind> = new Set(['session', 'oauth-session']);

export class TokenTable {
  readonly #byValue = new Map<string, TokenRecord>();

  constructor(
    private readonly clock: Clock,
    private readonly secrets: SecretRegister,
  ) {}

  issue(facts: TokenFacts): TokenRecord {
    // With a dot and a dash, as in real tokens, which simple patterns do not match.
    const value = `${randomBytes(6).toString('hex')}.${randomBytes(30).toString('base64url')}-${randomBytes(3).toString('hex')}`;
    const record: TokenRecord = {
      ...facts,
      value,
      label: this.secrets.register(facts.kind, value),
      expiresAtMs: this.clock.now() + facts.lifetimeS * 1000,
      revoked: false,
      used: false,
    };
    this.#byValue.set(value, record);
    return record;
  }

  find(value: string | null | undefined): TokenRecord | undefined {
    return value ? this.#byValue.get(value) : undefined;
  }

  isValid(record: TokenRecord): boolean {
    return !record.revoked && !record.used && !this.isExpired(record);
  }

  isExpired(record: TokenRecord): boolean {
    return this.clock.now() >= record.expiresAtMs;
  }

  /** Uses a refresh token up. Another use within a grace period does not prolong it. */
  rotate(record: TokenRecord): void {
    record.used = true;
    record.rotatedAtMs ??= this.clock.now();
  }

  /** Whether a refresh token was rotated so short a time ago that it can be used again. */
  isInGrace({ rotatedAtMs }: TokenRecord, graceS: number): boolean {
    return rotatedAtMs !== undefined && this.clock.now() - rotatedAtMs < graceS * 1000;
  }

  revoke(record: TokenRecord): void {
    record.revoked = true;
  }

  /** Revokes all tokens that were issued for this record, directly or through a refresh token. */
  revokeDescendants(record: TokenRecord): void {
    for (const other of this.#byValue.values()) {
      if (other.parent !== record.label || other === record) continue;
      other.revoked = true;
      this.revokeDescendants(other);
    }
  }

  expireAccess(filter: TokenFilter = {}): number {
    const now = this.clock.now();
    return this.#each(accessKinds, filter, (record) => {
      record.expiresAtMs = Math.min(record.expiresAtMs, now);
    });
  }

  revokeAccess(filter: TokenFilter = {}): number {
    return this.#each(accessKinds, filter, (record) => this.revoke(record));
  }

  revokeRefresh(filter: TokenFilter = {}): number {
    return this.#each(refreshKinds, filter, (record) => this.revoke(record));
  }

  expireRefresh(filter: TokenFilter = {}): number {
    const now = this.clock.now();
    return this.#each(refreshKinds, filter, (record) => {
      record.expiresAtMs = Math.min(record.expiresAtMs, now);
    });
  }

  endSessions(filter: TokenFilter = {}): number {
    return this.#each(sessionKinds, filter, (record) => this.revoke(record));
  }

  list(): TokenLabel[] {
    return [...this.#byValue.values()].map((record) => ({
      label: record.label,
      kind: record.kind,
      audience: record.audience,
      expiresAtMs: record.expiresAtMs,
      state: this.#stateOf(record),
      ...(record.user === undefined ? {} : { user: record.user }),
      ...(record.clientId === undefined ? {} : { clientId: record.clientId }),
    }));
  }

  clear(): void {
    this.#byValue.clear();
  }

  #stateOf(record: TokenRecord): TokenLabel['state'] {
    if (record.revoked) return 'revoked';
    if (record.used) return 'used';
    return this.isExpired(record) ? 'expired' : 'valid';
  }

  #each(kinds: ReadonlySet<TokenKind>, filter: TokenFilter, act: (record: TokenRecord) => void): number {
    let count = 0;
    for (const record of this.#byValue.values()) {
      if (!kinds.has(record.kind)) continue;
      if (filter.kind !== undefined && filter.kind !== record.kind) continue;
      if (filter.user !== undefined && filter.user !== record.user) continue;
      if (filter.audience !== undefined && filter.audience !== record.audience) continue;
      act(record);
      count += 1;
    }
    return count;
  }
}
