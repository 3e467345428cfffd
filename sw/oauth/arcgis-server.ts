/** ArcGIS's own token requests: close to RFC 6749, but answers and errors are shaped otherwise. */
import { identityError } from '../../protocol/errors.js';
import { isRecord } from '../../protocol/record.js';
import type { Endpoints, Portal } from '../portals/portal.js';
import type { Dialect } from './authorization-server.js';
import { GrantRefused, NoVerdict, type TokenAnswer } from './token-response.js';
import { askTokenEndpoint, TOKEN_TIMEOUT_MS, type Said } from './token-endpoint.js';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => isRecord(value) && !Array.isArray(value);

/** Life in s as a sane whole number, or `undefined`: servers send strings, zero, negative and absurd values. */
export function saneLifetimeS(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds <= 0) return undefined;
  return Math.min(Math.max(1, Math.floor(seconds)), 366 * 24 * 3600);
}

/** The RFC 6749 §5.2 error word of an ArcGIS error object. 498 at the token endpoint is about the refresh token. */
function errorWord({ code, error, error_description: description, message }: Json): string {
  const words = description ?? message;
  const text = typeof words === 'string' ? words.toLowerCase() : '';
  if (text.includes('not specified')) return 'invalid_request';
  if (error === 'invalid_client_id') return 'invalid_client';
  if (
    Number(code) === 498 ||
    /\b(invalid|expired)\b.*\b(refresh_token|code|code_verifier|redirect_uri)\b|\brefresh_token expired\b/.test(
      text,
    )
  )
    return 'invalid_grant';
  return typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? error : 'invalid_request';
}

const isToken = (value: unknown): value is string => typeof value === 'string' && value !== '';

/**
 * The token answer of an ArcGIS portal: durations sane, errors found wherever they stand, whatever the status.
 *
 * @throws {@link GrantRefused} when it refuses the grant, {@link NoVerdict} when the answer is no token answer at all.
 * @see ArcGIS REST API: Token
 */
export function toTokenAnswer({ status, text }: Pick<Said, 'status' | 'text'>): TokenAnswer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new NoVerdict();
  }
  if (!isObject(json)) throw new NoVerdict();
  const error = isObject(json['error'])
    ? json['error']
    : typeof json['error'] === 'string'
      ? json
      : undefined;
  if (error) {
    // A nested 5xx is the portal's own trouble, not a verdict on the grant.
    throw Number(error['code']) >= 500 ? new NoVerdict(0) : new GrantRefused(errorWord(error));
  }
  const { access_token: accessToken, refresh_token: refreshToken, username } = json;
  if (status >= 400 || !isToken(accessToken) || (refreshToken !== undefined && !isToken(refreshToken)))
    throw new NoVerdict();
  const expiresInS = saneLifetimeS(json['expires_in']);
  const refreshTokenExpiresInS = saneLifetimeS(json['refresh_token_expires_in']);
  return {
    accessToken,
    ...(expiresInS === undefined ? {} : { expiresInS }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(refreshTokenExpiresInS === undefined ? {} : { refreshTokenExpiresInS }),
    ...(typeof username === 'string' ? { username } : {}),
  };
}

function endpointsOf({ endpoints }: Portal): Endpoints {
  if (!endpoints) throw new NoVerdict();
  return endpoints;
}

/** Cookies have a place at a portal behind web-tier authentication only. */
const post = (url: string, { clientId, webTier }: Portal, form: Record<string, string>): Promise<Said> =>
  askTokenEndpoint(url, {
    method: 'POST',
    body: new URLSearchParams({ client_id: clientId, ...form, f: 'json' }),
    headers: { accept: 'application/json' },
    credentials: webTier ? 'include' : 'omit',
    signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
  });

const grant = async (portal: Portal, form: Record<string, string>): Promise<TokenAnswer> =>
  toTokenAnswer(await post(endpointsOf(portal).token_endpoint, portal, form));

/** Life of a refresh token where neither portal nor registration say, in minutes (ArcGIS REST: Authorize). */
const DEFAULT_SESSION_MINUTES = 20_160;

/** Older portals do not tell how long a refresh token lives: then it is what was asked for. */
function withSessionLife({ authorizationParameters }: Portal, answer: TokenAnswer): TokenAnswer {
  if (answer.refreshToken === undefined || answer.refreshTokenExpiresInS !== undefined) return answer;
  const minutes = Number(authorizationParameters['expiration'] ?? DEFAULT_SESSION_MINUTES);
  // -1 asks for as long as the organisation allows: nobody knows how long that is.
  return minutes > 0 ? { ...answer, refreshTokenExpiresInS: minutes * 60 } : answer;
}

/**
 * ArcGIS Online and ArcGIS Enterprise.
 *
 * @see ArcGIS REST API: Token, Revoke Token
 */
export const arcgisDialect: Dialect = {
  endpointsOf: async (portal) => endpointsOf(portal),

  async exchangeCode(portal, { code, state, iss, request }) {
    const { issuer } = endpointsOf(portal);
    const isForeign =
      (state !== undefined && state !== request.state) || (iss !== undefined && iss !== issuer);
    if (isForeign) throw identityError('issuer-mismatch', { origin: new URL(portal.url).origin });
    const answer = await grant(portal, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: portal.redirectUri,
      code_verifier: request.codeVerifier,
    });
    return withSessionLife(portal, answer);
  },

  refresh: async (portal, refreshToken) =>
    grant(portal, { grant_type: 'refresh_token', refresh_token: refreshToken }),

  async exchangeRefreshToken(portal, refreshToken) {
    const answer = await grant(portal, {
      grant_type: 'exchange_refresh_token',
      refresh_token: refreshToken,
      redirect_uri: portal.redirectUri,
    });
    return withSessionLife(portal, answer);
  },

  async revoke(portal, token, hint) {
    const url = endpointsOf(portal).revocation_endpoint;
    if (url === undefined) return;
    // The parameter is `auth_token`, where RFC 7009 §2.1 has `token`. The answer is success for unknown tokens too: it
    // proves nothing, and neither does its absence.
    await post(url, portal, { auth_token: token, token_type_hint: hint }).catch(() => undefined);
  },
};
