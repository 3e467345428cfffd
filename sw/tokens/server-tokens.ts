/** Federated ArcGIS Servers: who owns a server, and the token that the portal issues for it. */
import { isRecord } from '../../protocol/record.js';
import type { Portal } from '../portals/portal.js';
import { normalizePortalUrl } from '../portals/portal-url.js';
import { readLimitedJson } from '../oauth/read-limited.js';
import { GrantRefused, NoVerdict, noVerdictOf, type TokenAnswer } from '../oauth/token-response.js';

/** Longest wait for a server's self-description, in ms: the page's request waits behind it. */
const INFO_TIMEOUT_MS = 10_000;

/** Longest wait for the portal to issue a server token, in ms. */
const EXCHANGE_TIMEOUT_MS = 30_000;

/** Asked life of a server token, in minutes (ArcGIS REST: Generate Token counts in minutes). */
const SERVER_TOKEN_MINUTES = 60;

/**
 * Reads which portal a server claims to belong to. A claim only: the portal decides by issuing a token or not.
 *
 * @param serverRoot - Such as `https://gis.example.org/server`.
 * @returns The normalised portal URL, `null` where the server names none, `undefined` when it could not be asked.
 * @see ArcGIS REST API: Server Info
 */
export async function readOwningPortal(serverRoot: string): Promise<string | null | undefined> {
  try {
    const response = await fetch(`${serverRoot}/rest/info?f=json`, {
      credentials: 'omit',
      signal: AbortSignal.timeout(INFO_TIMEOUT_MS),
    });
    const info = await readLimitedJson(response);
    if (!isRecord(info) || 'error' in info) return undefined;
    const owner = info['owningSystemUrl'];
    return typeof owner === 'string' ? (normalizePortalUrl(owner) ?? null) : null;
  } catch {
    return undefined;
  }
}

/**
 * Asks the portal for a token for one of its servers. The portal's token goes to the portal only.
 *
 * @throws {@link GrantRefused} `invalid_token` when the portal refuses its own token, `invalid_target` when it does not vouch for the server.
 * @throws {@link NoVerdict} when there was no answer of the portal.
 * @see ArcGIS REST API: Generate Token (token, serverUrl)
 */
export async function exchangeForServer(
  portal: Portal,
  portalToken: string,
  serverRoot: string,
): Promise<TokenAnswer> {
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
    if (response.status >= 500 || response.status === 429) throw noVerdictOf(response);
    json = await readLimitedJson(response);
  } catch (error) {
    throw error instanceof NoVerdict ? error : new NoVerdict();
  }
  if (!isRecord(json)) throw new NoVerdict();
  const { error, token, expires } = json;
  if ('error' in json) {
    const code = isRecord(error) ? error['code'] : undefined;
    // The portal's own trouble is no word on the server.
    if (code === undefined || Number(code) >= 500) throw new NoVerdict(0);
    throw new GrantRefused(Number(code) === 498 || Number(code) === 499 ? 'invalid_token' : 'invalid_target');
  }
  if (typeof token !== 'string') throw new NoVerdict();
  return { accessToken: token, expiresInS: lifetimeS(Number(expires), Date.now()) };
}

/** `expires` is an instant of the portal's clock: believed as far as it fits what was asked for. In s. */
function lifetimeS(expiresMs: number, nowMs: number): number {
  const asked = SERVER_TOKEN_MINUTES * 60;
  const left = Math.floor((expiresMs - nowMs) / 1000);
  return left > 0 && left < asked ? left : asked;
}
