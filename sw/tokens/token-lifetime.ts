/** One credential in memory: its tokens, when they have to be renewed, and what a page may know of it. Pure. */
import type { CredentialInfo } from '../../protocol/credential-info.js';
import type { TokenEndpoints } from '../oauth/authorization-server.js';
import type { TokenResponse } from '../oauth/token-endpoint.js';
import type { CredentialRecord } from '../storage/records.js';

/** A credential in use: a portal's, which is stored, or one of a federated server, which is not: it would outlive a sign-out. */
export interface Credential extends CredentialRecord {
  /** Portal URL, or the root of a federated server. */
  readonly id: string;
}

/** What of a credential stays the same when its tokens are renewed. */
export type CredentialIdentity = Pick<Credential, 'id' | 'portal' | 'fingerprint' | 'endpoints'>;

/** A credential and the instants at which something has to be done about it, in ms since the epoch. */
export interface CachedCredential {
  readonly credential: Credential;
  /** From here on the access token is renewed before it is used. */
  readonly staleAtMs: number;
  /** From here on it is renewed in the background. */
  readonly renewAheadAtMs: number;
}

/** An access token with less than this to live is renewed before use, in ms. */
const RENEW_BELOW_MS = 60_000;

/** Share of its life below which a token is renewed in the background. */
const RENEW_AHEAD_SHARE = 0.2;

/** How much earlier some are renewed, as a share of their life: tokens issued together must not be renewed together. */
const RENEW_AHEAD_SPREAD = 0.3;

/** A refresh token with less than four days, or three tenths of its life, is exchanged for a new one. In ms. */
const EXCHANGE_BELOW_MS = 4 * 24 * 3600 * 1000;
const EXCHANGE_SHARE = 0.3;

/**
 * What is left of the access token's life, in ms; `Infinity` where the server does not say. A clock that was set back counts
 * as no time passed.
 */
export function lifeLeftMs({ lifetimeMs, obtainedAtMs }: Credential, nowMs: number): number {
  return lifetimeMs === undefined ? Infinity : lifetimeMs - Math.max(0, nowMs - obtainedAtMs);
}

/** When to renew a credential. A clock that is set back makes neither instant come earlier. */
export function toCached(credential: Credential): CachedCredential {
  const { id, portal, lifetimeMs, obtainedAtMs, refreshToken } = credential;
  if (lifetimeMs === undefined) return { credential, staleAtMs: Infinity, renewAheadAtMs: Infinity };
  // Short-lived tokens are used down to a tenth of their life.
  const staleBelowMs = Math.min(RENEW_BELOW_MS, lifetimeMs * 0.1);
  // A server's token is issued for the portal's, without a refresh token of its own.
  const canRenew = refreshToken !== undefined || id !== portal;
  const aheadShare = RENEW_AHEAD_SHARE + RENEW_AHEAD_SPREAD * jitterOf(credential);
  return {
    credential,
    staleAtMs: obtainedAtMs + lifetimeMs - staleBelowMs,
    renewAheadAtMs: canRenew ? obtainedAtMs + lifetimeMs * (1 - aheadShare) : Infinity,
  };
}

/** Whether an access token must be renewed before it is used. */
export const isStale = (cached: CachedCredential | undefined, nowMs: number): boolean =>
  cached !== undefined && nowMs > cached.staleAtMs;

/** From 0 to 1, evenly spread over credentials and the same for the life of one: multiples of the golden ratio. */
const jitterOf = ({ obtainedAtMs }: Credential): number => (obtainedAtMs * 0.618033988749895) % 1;

/** Whether the refresh token nears its end (ArcGIS REST: Token, exchange_refresh_token). */
export function isRefreshTokenAgeing(
  { refreshExpiresAtMs, refreshLifetimeMs }: Credential,
  nowMs: number,
): boolean {
  if (refreshExpiresAtMs === undefined || refreshLifetimeMs === undefined) return false;
  return refreshExpiresAtMs - nowMs < Math.min(EXCHANGE_BELOW_MS, refreshLifetimeMs * EXCHANGE_SHARE);
}

/** The credential of a token response. What the response leaves out stays as it was (RFC 6749 §6, ArcGIS refresh). */
export function toCredential(
  response: TokenResponse,
  previous: CredentialIdentity & Partial<Credential>,
  nowMs: number,
): Credential {
  const { accessToken, expiresInS, refreshToken, refreshTokenExpiresInS, username } = response;
  const idToken = response.idToken ?? previous.idToken;
  const { id, portal, fingerprint, endpoints } = previous;
  const keptName = username ?? previous.username;
  const scope = response.scope ?? previous.scope;
  const keptRefreshToken = refreshToken ?? previous.refreshToken;
  const refreshLifetimeMs = refreshTokenExpiresInS === undefined ? undefined : refreshTokenExpiresInS * 1000;
  return {
    id,
    portal,
    fingerprint,
    accessToken,
    obtainedAtMs: nowMs,
    ...(endpoints && { endpoints }),
    ...(scope !== undefined && { scope }),
    ...(expiresInS === undefined ? {} : { lifetimeMs: expiresInS * 1000 }),
    ...(keptRefreshToken === undefined ? {} : { refreshToken: keptRefreshToken }),
    ...(keptName === undefined ? {} : { username: keptName }),
    ...(idToken === undefined ? {} : { idToken }),
    ...(refreshLifetimeMs !== undefined
      ? { refreshLifetimeMs, refreshExpiresAtMs: nowMs + refreshLifetimeMs }
      : refreshToken === undefined
        ? { ...pick(previous, 'refreshLifetimeMs'), ...pick(previous, 'refreshExpiresAtMs') }
        : {}),
  };
}

function pick<K extends 'refreshLifetimeMs' | 'refreshExpiresAtMs'>(
  credential: Partial<Credential>,
  key: K,
): Partial<Pick<Credential, K>> {
  return credential[key] === undefined ? {} : ({ [key]: credential[key] } as Partial<Pick<Credential, K>>);
}

/** Of all that metadata name, what tokens need. */
export const toKeptEndpoints = (endpoints: TokenEndpoints | undefined): TokenEndpoints | undefined =>
  endpoints && {
    issuer: endpoints.issuer,
    token_endpoint: endpoints.token_endpoint,
    ...(endpoints.revocation_endpoint !== undefined && {
      revocation_endpoint: endpoints.revocation_endpoint,
    }),
  };

/** What a page may know. */
export function toInfo(credential: Credential): CredentialInfo {
  const { portal, username, lifetimeMs, obtainedAtMs, refreshExpiresAtMs, refreshToken } = credential;
  return {
    portal,
    ...(username === undefined ? {} : { username }),
    ...(lifetimeMs === undefined ? {} : { expires: obtainedAtMs + lifetimeMs }),
    ...(refreshExpiresAtMs === undefined ? {} : { sessionExpires: refreshExpiresAtMs }),
    renewable: refreshToken !== undefined,
  };
}
