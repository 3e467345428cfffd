/** One credential in memory: its tokens, its age, and what a page may know of it. Pure. */
import type { CredentialInfo } from '../../protocol/credential-info.js';
import type { TokenAnswer } from '../oauth/token-response.js';
import type { CredentialRecord } from '../storage/database.js';

/** What is sealed in a record. */
export interface Secrets {
  readonly accessToken: string;
  readonly refreshToken?: string;
}

/** A credential ready for use. */
export interface Credential extends Omit<CredentialRecord, 'sealed'>, Secrets {}

/** An access token with less than this to live is renewed before use, in ms. */
const RENEW_BELOW_MS = 60_000;

/** Share of its life below which a token is renewed in the background, and how much earlier some are: those issued together must not end together. */
const RENEW_AHEAD_SHARE = 0.2;
const RENEW_AHEAD_SPREAD = 0.3;

/** A refresh token with less than a day, or a tenth of its life, is swapped for a new one. In ms. */
const SWAP_BELOW_MS = 4 * 24 * 3600 * 1000;
const SWAP_SHARE = 0.3;

/** What is left of the access token's life, in ms; `Infinity` where the server does not say. A clock set back counts as no time passed. */
export function lifeLeftMs({ lifetimeMs, obtainedAtMs }: Credential, nowMs: number): number {
  return lifetimeMs === undefined ? Infinity : lifetimeMs - Math.max(0, nowMs - obtainedAtMs);
}

/** Whether the access token must be renewed before it is used. Short-lived tokens are used down to a tenth of their life. */
export function isStale(credential: Credential, nowMs: number): boolean {
  const limit = Math.min(RENEW_BELOW_MS, (credential.lifetimeMs ?? Infinity) * 0.1);
  return lifeLeftMs(credential, nowMs) < limit;
}

/** Whether to renew in the background, while the token is still good. A server's token is had from the portal's. */
export function isAgeing(credential: Credential, nowMs: number): boolean {
  const { id, portal, lifetimeMs, refreshToken } = credential;
  return (
    lifetimeMs !== undefined &&
    (refreshToken !== undefined || id !== portal) &&
    lifeLeftMs(credential, nowMs) < lifetimeMs * (RENEW_AHEAD_SHARE + RENEW_AHEAD_SPREAD * lotOf(credential))
  );
}

/** From 0 up to 1, another for every credential and the same as long as it lives: multiples of the golden ratio fall evenly. */
const lotOf = ({ obtainedAtMs }: Credential): number => (obtainedAtMs * 0.618033988749895) % 1;

/** Whether the refresh token nears its end (ArcGIS REST: Token, exchange_refresh_token). */
export function isRefreshTokenAgeing(
  { refreshExpiresAtMs, refreshLifetimeMs }: Credential,
  nowMs: number,
): boolean {
  if (refreshExpiresAtMs === undefined || refreshLifetimeMs === undefined) return false;
  return refreshExpiresAtMs - nowMs < Math.min(SWAP_BELOW_MS, refreshLifetimeMs * SWAP_SHARE);
}

/** A credential of a token answer. What the answer leaves out stays as it was (RFC 6749 §6, ArcGIS refresh). */
export function toCredential(
  answer: TokenAnswer,
  of: Pick<Credential, 'id' | 'portal' | 'fingerprint'> & Partial<Credential>,
  nowMs: number,
): Credential {
  const { accessToken, expiresInS, refreshToken, refreshTokenExpiresInS, username } = answer;
  const { id, portal, fingerprint } = of;
  const keptName = username ?? of.username;
  const keptRefreshToken = refreshToken ?? of.refreshToken;
  const refreshLifetimeMs = refreshTokenExpiresInS === undefined ? undefined : refreshTokenExpiresInS * 1000;
  return {
    id,
    portal,
    fingerprint,
    accessToken,
    obtainedAtMs: nowMs,
    ...(expiresInS === undefined ? {} : { lifetimeMs: expiresInS * 1000 }),
    ...(keptRefreshToken === undefined ? {} : { refreshToken: keptRefreshToken }),
    ...(keptName === undefined ? {} : { username: keptName }),
    ...(refreshLifetimeMs !== undefined
      ? { refreshLifetimeMs, refreshExpiresAtMs: nowMs + refreshLifetimeMs }
      : refreshToken === undefined
        ? { ...pick(of, 'refreshLifetimeMs'), ...pick(of, 'refreshExpiresAtMs') }
        : {}),
  };
}

function pick<K extends 'refreshLifetimeMs' | 'refreshExpiresAtMs'>(
  of: Partial<Credential>,
  key: K,
): Partial<Pick<Credential, K>> {
  return of[key] === undefined ? {} : ({ [key]: of[key] } as Partial<Pick<Credential, K>>);
}

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
