/** The token that a portal issues for one of its federated ArcGIS Servers. */
import { isRecord } from '../../protocol/record.js';
import { readLimitedJson } from '../oauth/read-limited.js';
import {
  OAuthError,
  TokenEndpointUnavailable,
  unavailableFrom,
  type TokenResponse,
} from '../oauth/token-endpoint.js';
import type { Portal } from '../portals/portal.js';
import { ExpiringMap } from '../storage/expiring-map.js';
import type { PortalTokens, ServerTokenExchange } from './renewal.js';

/** Longest wait for the portal to issue a server token, in ms. */
const EXCHANGE_TIMEOUT_MS = 30_000;

/** Asked life of a server token, in minutes (ArcGIS REST: Generate Token counts in minutes). */
const SERVER_TOKEN_MINUTES = 60;

/** How long a server that the portal does not vouch for is sent no token and not asked for again, in ms. */
const REJECTED_SERVER_MS = 5 * 60_000;

/** Exchanges portal tokens for server tokens, and remembers the servers that portals do not vouch for. */
export class ServerTokens implements ServerTokenExchange {
  readonly #rejected: ExpiringMap<string, Portal>;

  constructor(now: () => number = () => Date.now()) {
    this.#rejected = new ExpiringMap(REJECTED_SERVER_MS, now);
  }

  async exchange(
    portal: Portal,
    serverRoot: string,
    tokens: PortalTokens,
  ): Promise<TokenResponse | undefined> {
    if (this.#rejected.get(serverRoot)) return undefined;
    let portalToken = await tokens.current();
    for (let isRetry = false; portalToken !== undefined; isRetry = true) {
      try {
        return await exchangeForServer(portal, portalToken, serverRoot);
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error;
        if (error.oauthError !== 'invalid_token' || isRetry) {
          this.#rejected.set(serverRoot, portal);
          return undefined;
        }
        portalToken = await tokens.renew(portalToken);
      }
    }
    return undefined;
  }

  evict(portal: Portal): void {
    for (const serverRoot of this.#rejected.keys())
      if (this.#rejected.last(serverRoot) === portal) this.#rejected.delete(serverRoot);
  }
}

/**
 * Asks the portal for a token for one of its servers. The portal's token goes to the portal only.
 *
 * @throws {@link OAuthError} `invalid_token` when the portal rejects its own token, `invalid_target` when it does not vouch for
 * the server.
 * @throws {@link TokenEndpointUnavailable} when there was no token response.
 * @see ArcGIS REST API: Generate Token (token, serverUrl)
 */
export async function exchangeForServer(
  portal: Portal,
  portalToken: string,
  serverRoot: string,
): Promise<TokenResponse> {
  let json: unknown;
  try {
    const response = await fetch(`${portal.url}/sharing/rest/generateToken`, {
      method: 'POST',
      body: new URLSearchParams({
        token: portalToken,
        serverUrl: serverRoot,
        expiration: String(SERVER_TOKEN_MINUTES),
        f: 'json',
      }),
      credentials: portal.webTier ? 'include' : 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(EXCHANGE_TIMEOUT_MS),
    });
    if (response.status >= 500 || response.status === 429) throw unavailableFrom(response);
    json = await readLimitedJson(response);
  } catch (error) {
    throw error instanceof TokenEndpointUnavailable ? error : new TokenEndpointUnavailable();
  }
  if (!isRecord(json)) throw new TokenEndpointUnavailable(0);
  const { error, token, expires } = json;
  if ('error' in json) {
    const code = isRecord(error) ? error['code'] : undefined;
    // The portal's own trouble says nothing about the server.
    if (code === undefined || Number(code) >= 500) throw new TokenEndpointUnavailable(0);
    throw new OAuthError(Number(code) === 498 || Number(code) === 499 ? 'invalid_token' : 'invalid_target');
  }
  if (typeof token !== 'string') throw new TokenEndpointUnavailable(0);
  return { accessToken: token, expiresInS: lifetimeS(Number(expires), Date.now()) };
}

/** `expires` is an instant of the portal's clock: believed as far as it fits what was asked for. In s. */
function lifetimeS(expiresMs: number, nowMs: number): number {
  const asked = SERVER_TOKEN_MINUTES * 60;
  const left = Math.floor((expiresMs - nowMs) / 1000);
  return left > 0 && left < asked ? left : asked;
}
