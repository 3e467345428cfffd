/** Sends an authorization request ahead (RFC 9126). */
import * as oauth from 'oauth4webapi';
import { IdentityError } from '../../protocol/identity-error.js';
import type { Endpoints, OAuthClient } from './authorization-server.js';
import { isReachable } from './discovery.js';
import { ask, issuerOf, originOf, proofFault, wordOf } from './rfc-requests.js';
import { OAuthError, type TokenEndpointUnavailable } from './token-endpoint.js';
import { parseObject } from './token-response.js';

/**
 * @returns What stands in place of the parameters in the authorization URL; `undefined` where the server does not ask for that.
 * @throws PortalError `par-endpoint-missing`, `par-unreadable`, `par-refused`, `dpop-required`, `dpop-refused`.
 * @throws TokenEndpointUnavailable where the server cannot be asked.
 */
export async function pushAuthorizationRequest(
  client: OAuthClient,
  server: Endpoints,
  parameters: URLSearchParams,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (server.require_pushed_authorization_requests !== true) return undefined;
  const issuer = issuerOf(client);
  const facts = { issuer, origin: originOf(client) };
  const endpoint = server.pushed_authorization_request_endpoint;
  if (endpoint === undefined) throw new IdentityError('par-endpoint-missing', facts);
  const { status, text } = await ask(client, endpoint, (options) =>
    oauth.pushedAuthorizationRequest(
      server,
      { client_id: client.clientId },
      oauth.None(),
      parameters,
      options,
    ),
  ).catch(async (error: TokenEndpointUnavailable) => {
    // Where it was answered, the server is in trouble and may say how long.
    throw error.retryAfterMs === undefined && (await isReachable(issuer))
      ? new IdentityError('par-unreadable', facts)
      : error;
  });
  const answer = parseObject(text) ?? {};
  const { request_uri } = answer;
  if (status < 400 && typeof request_uri === 'string') return { request_uri };
  const oauthError = wordOf(client)(answer);
  throw (
    proofFault(client, new OAuthError(oauthError)) ??
    new IdentityError('par-refused', { ...facts, oauthError, status })
  );
}
