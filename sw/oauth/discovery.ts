/** Finds the endpoints of an authorization server by its metadata, and tells what is wrong with them. */
import type { ErrorCode, Facts } from '../../protocol/error-codes.js';
import { IdentityError } from '../../protocol/identity-error.js';
import { isRecord } from '../../protocol/record.js';
import { isLoopback } from '../../protocol/registration.js';
import type { Endpoints } from './authorization-server.js';
import { readLimited } from './read-limited.js';
import { TokenEndpointUnavailable } from './token-endpoint.js';

/** Longest wait for the metadata, both addresses together, in ms: a window is open meanwhile. */
const METADATA_TIMEOUT_MS = 10_000;

/** The metadata cannot be used, or not be read. The grant may still be good. */
export class DiscoveryFailed extends TokenEndpointUnavailable {
  constructor(readonly reason: IdentityError) {
    super();
  }
}

/** Where metadata stand: OpenID Connect Discovery 1.0 §4, RFC 8414 §3.1. */
function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

/**
 * The endpoints that a server's metadata names.
 *
 * @throws {@link DiscoveryFailed} with a PortalError: `metadata-missing`, `metadata-unreadable`, `metadata-issuer-differs`,
 * `metadata-invalid`, `pkce-unsupported`, `portal-unreachable`.
 * @see RFC 8414 §3, OpenID Connect Discovery 1.0 §4
 */
export async function discover(issuer: string): Promise<Endpoints> {
  const { origin } = new URL(issuer);
  const fail = (code: ErrorCode, facts: Facts = {}): DiscoveryFailed =>
    new DiscoveryFailed(new IdentityError(code, { origin, issuer, ...facts }));
  const signal = AbortSignal.timeout(METADATA_TIMEOUT_MS);
  let failure: DiscoveryFailed | undefined;
  let status: number | undefined;
  for (const url of metadataUrls(issuer)) {
    const answer = await read(url, signal);
    status = answer?.status ?? status;
    if (!answer?.metadata) continue;
    try {
      return toEndpoints(answer.metadata, issuer, fail);
    } catch (error) {
      if (!(error instanceof DiscoveryFailed)) throw error;
      failure ??= error;
    }
  }
  if (failure) throw failure;
  if (status !== undefined)
    throw status >= 500 || status === 429 ? fail('portal-unreachable') : fail('metadata-missing', { status });
  throw (await isReachable(issuer, signal)) ? fail('metadata-unreadable') : fail('portal-unreachable');
}

/** @returns `undefined` where there was no response that may be read. */
async function read(
  url: string,
  signal: AbortSignal,
): Promise<{ status: number; metadata?: Record<string, unknown> } | undefined> {
  let response: Response;
  try {
    // RFC 8414 §3.2 knows no redirect; one could lead to the metadata of somebody else.
    response = await fetch(url, {
      signal,
      credentials: 'omit',
      redirect: 'error',
      headers: { accept: 'application/json' },
    });
  } catch {
    return undefined;
  }
  const { status } = response;
  try {
    const metadata: unknown = status === 200 ? JSON.parse(await readLimited(response)) : undefined;
    return isRecord(metadata) && !Array.isArray(metadata) ? { status, metadata } : { status };
  } catch {
    return { status };
  }
}

/** Whether the server answers at all: it then lets no script of this origin read its answers (CORS), or redirects them. */
export async function isReachable(
  issuer: string,
  signal = AbortSignal.timeout(METADATA_TIMEOUT_MS),
): Promise<boolean> {
  const [url = issuer] = metadataUrls(issuer);
  return fetch(url, { mode: 'no-cors', credentials: 'omit', signal }).then(
    () => true,
    () => false,
  );
}

const endpointNames = [
  'authorization_endpoint',
  'token_endpoint',
  'revocation_endpoint',
  'end_session_endpoint',
  'userinfo_endpoint',
  'pushed_authorization_request_endpoint',
] as const;

/**
 * @param metadata - As the server sent them.
 * @param fail - Makes the error of a code.
 * @throws What `fail` makes.
 */
function toEndpoints(
  metadata: Record<string, unknown>,
  issuer: string,
  fail: (code: ErrorCode, facts?: Facts) => Error,
): Endpoints {
  const found = metadata['issuer'];
  if (typeof found !== 'string' || !isSameUrl(found, issuer))
    throw fail('metadata-issuer-differs', typeof found === 'string' ? { found: printable(found) } : {});
  // A server whose metadata lists methods but not S256 cannot be used safely (RFC 7636 §4.2, RFC 9700 §2.1.1).
  const methods = metadata['code_challenge_methods_supported'];
  if (Array.isArray(methods) && !methods.includes('S256')) throw fail('pkce-unsupported');
  const endpoints: Partial<Record<(typeof endpointNames)[number], string>> = {};
  for (const name of endpointNames) {
    const address = metadata[name];
    if (address === undefined || address === null) continue;
    if (!isWebAddress(address)) throw fail('metadata-invalid', { field: name });
    endpoints[name] = address;
  }
  const { authorization_endpoint, token_endpoint } = endpoints;
  const algorithms = metadata['dpop_signing_alg_values_supported'] ?? undefined;
  if (authorization_endpoint === undefined)
    throw fail('metadata-invalid', { field: 'authorization_endpoint' });
  if (token_endpoint === undefined) throw fail('metadata-invalid', { field: 'token_endpoint' });
  return {
    ...endpoints,
    issuer: found,
    authorization_endpoint,
    token_endpoint,
    authorization_response_iss_parameter_supported:
      metadata['authorization_response_iss_parameter_supported'] === true,
    require_pushed_authorization_requests: metadata['require_pushed_authorization_requests'] === true,
    ...(algorithms !== undefined && { dpop_signing_alg_values_supported: [algorithms].flat().map(String) }),
  };
}

/** The server's own spelling, such as one with a placeholder or without a scheme, as far as a line of text has room for it. */
const printable = (text: string): string => text.replace(/[^!-~]/g, '?').slice(0, 200);

const isSameUrl = (one: string, other: string): boolean =>
  one === other || (URL.canParse(one) && new URL(one).href === new URL(other).href);

/** Pages go to some of these addresses: one of another scheme, such as `javascript:`, would be run there. */
export function isWebAddress(address: unknown): address is string {
  if (typeof address !== 'string' || !URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
