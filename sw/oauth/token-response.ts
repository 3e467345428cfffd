/** Reads what a token endpoint answers, liberally: what servers really send must cost nobody a session. Pure. */
import { isRecord } from '../../protocol/record.js';
import {
  isTemporary,
  MAX_BACKOFF_MS,
  OAuthError,
  TokenEndpointUnavailable,
  type EndpointResponse,
  type TokenResponse,
} from './token-endpoint.js';

/** A JSON object. */
export type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => isRecord(value) && !Array.isArray(value);

/** Life in s as a sane whole number, or `undefined`: servers send strings, zero, negative and absurd values. */
export function saneLifetimeS(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds <= 0) return undefined;
  return Math.min(Math.max(1, Math.floor(seconds)), 366 * 24 * 3600);
}

/** A registered error word (RFC 6749 §5.2), or none: never a text. */
export const isErrorWord = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w.-]{1,64}$/.test(value);

/** What a header can carry (RFC 9110 §5.5), as a token is sent in one. */
const isToken = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);

/** The tokens of a response, with an ID token where there is one. */
export interface ParsedTokenResponse {
  readonly tokens: TokenResponse;
  readonly idToken: string | undefined;
  readonly tokenType: string;
}

/**
 * The tokens in a response of a token endpoint. `token_type` and `scope` are not checked, durations are made sane, and an
 * optional member that is null, empty or of another type counts as absent. Errors are found wherever they stand, whatever the status.
 *
 * @param wordOf - The error word of an error object.
 * @throws {@link OAuthError} when it refuses the grant, {@link TokenEndpointUnavailable} when there is no token response in it.
 * @see RFC 6749 §5.1, §5.2
 */
export function parseTokenResponse(
  { status, text }: Pick<EndpointResponse, 'status' | 'text'>,
  wordOf: (error: Json) => string,
): ParsedTokenResponse {
  const json = parseObject(text);
  // An answer that is none has its pause: a firewall's page is one to every request.
  if (!json) throw new TokenEndpointUnavailable(0);
  const error = isObject(json['error'])
    ? json['error']
    : typeof json['error'] === 'string'
      ? json
      : undefined;
  if (error) {
    const word = wordOf(error);
    // The server's own trouble is no verdict on the grant.
    if (Number(error['code']) >= 500) throw new TokenEndpointUnavailable(0);
    throw isTemporary(word) ? new TokenEndpointUnavailable(MAX_BACKOFF_MS) : new OAuthError(word);
  }
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken, username } = json;
  if (status >= 400 || !isToken(accessToken)) throw new TokenEndpointUnavailable(0);
  const expiresInS = saneLifetimeS(json['expires_in']);
  const refreshTokenExpiresInS = saneLifetimeS(json['refresh_token_expires_in']);
  return {
    tokens: {
      accessToken,
      ...(expiresInS === undefined ? {} : { expiresInS }),
      ...(typeof refreshToken === 'string' && refreshToken !== '' ? { refreshToken } : {}),
      ...(refreshTokenExpiresInS === undefined ? {} : { refreshTokenExpiresInS }),
      ...(typeof username === 'string' && username !== '' ? { username } : {}),
    },
    idToken: typeof idToken === 'string' ? idToken : undefined,
    tokenType: String(json['token_type']).toLowerCase(),
  };
}

/** The JSON object in a text; `undefined` where there is none. */
export function parseObject(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The claims of an ID token that came from the token endpoint itself: TLS vouches for it in the place of its signature (OpenID
 * Connect Core §3.1.3.7, rule 6). Its times are not looked at: it tells the user's name, and a wrong clock must not cost a session.
 *
 * @param expected.nonce - As it was asked for; `undefined` where none was.
 * @returns `undefined` for a token of another issuer, client or sign-in, or one that cannot be read.
 */
export function claimsOf(
  idToken: string | undefined,
  expected: { readonly issuer: string; readonly clientId: string; readonly nonce: string | undefined },
): Json | undefined {
  const claims = parseObject(decodeBase64Url(idToken?.split('.')[1] ?? ''));
  if (!claims) return undefined;
  const { iss, aud, nonce } = claims;
  const isOurs = [aud].flat().includes(expected.clientId);
  return iss === expected.issuer && isOurs && (nonce === undefined || nonce === expected.nonce)
    ? claims
    : undefined;
}

function decodeBase64Url(text: string): string {
  try {
    const bytes = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    return '';
  }
}

/** The name that claims have for the user, for people to read (OpenID Connect Core §5.1). */
export const nameIn = (claims: Json | undefined): string | undefined =>
  [claims?.['preferred_username'], claims?.['email'], claims?.['name']].find(
    (name): name is string => typeof name === 'string' && name !== '',
  );
