/** Requests to a server of the RFCs, and what it says to refuse them. */
import * as oauth from 'oauth4webapi';
import { IdentityError } from '../../protocol/identity-error.js';
import type { OAuthClient, TokenEndpoints } from './authorization-server.js';
import {
  fetchTokenEndpoint,
  OAuthError,
  TOKEN_TIMEOUT_MS,
  TokenEndpointUnavailable,
} from './token-endpoint.js';
import {
  isErrorWord,
  parseObject,
  parseTokenResponse,
  type Json,
  type ParsedTokenResponse,
} from './token-response.js';

/** The issuer of a registration: its URL, unless several registrations share one. */
export const issuerOf = ({ issuer, url }: Pick<OAuthClient, 'issuer' | 'url'>): string => issuer ?? url;

export const originOf = (client: OAuthClient): string => new URL(issuerOf(client)).origin;

/** http is let through on loopback alone: registrations admit no other. */
export const optionsFor = (endpoint: string) => ({
  signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
  // oxlint-disable-next-line no-deprecated -- marked so as a warning by its authors; loopback portals need it
  [oauth.allowInsecureRequests]: endpoint.startsWith('http:'),
  [oauth.customFetch]: fetchForLibrary,
});

/** A `fetch` for the library that keeps no response apart from a refusal. */
export async function fetchForLibrary(url: string, init: RequestInit): Promise<Response> {
  const { status, headers, text } = await fetchTokenEndpoint(url, { ...init, credentials: 'omit' });
  return new Response(text === '' ? null : text, { status, headers });
}

/** What the library sends a request with. */
type RequestOptions = ReturnType<typeof optionsFor> & oauth.DPoPRequestOptions;

/**
 * Asks an endpoint with a proof of the key, where tokens are bound to one; a second time, and no third, where the server wants its
 * nonce in it (RFC 9449 §8).
 */
export async function ask(
  client: OAuthClient,
  endpoint: string,
  request: (options: RequestOptions) => Promise<Response>,
): Promise<{ status: number; text: string }> {
  const DPoP = await client.proofs?.handle();
  for (let isLast = !DPoP; ; isLast = true) {
    let answer: { status: number; text: string };
    try {
      const response = await request({ ...optionsFor(endpoint), ...(DPoP && { DPoP }) });
      answer = { status: response.status, text: await response.text() };
    } catch (error) {
      // The library's own errors hold what was sent.
      throw error instanceof TokenEndpointUnavailable ? error : new TokenEndpointUnavailable();
    }
    if (isLast || parseObject(answer.text)?.['error'] !== 'use_dpop_nonce') return answer;
  }
}

/** The word of an error; those of servers that want a proof and get none have no word in common. */
export const wordOf =
  ({ proofs }: OAuthClient) =>
  ({ error, error_description }: Json): string =>
    !proofs && /dpop/i.test(`${String(error)} ${String(error_description)}`)
      ? 'invalid_dpop_proof'
      : isErrorWord(error)
        ? error
        : 'invalid_request';

/** What a refusal says of the proof that was sent, or was not; `undefined` where it is about something else. */
export function proofFault(client: OAuthClient, error: unknown): IdentityError | undefined {
  if (!(error instanceof OAuthError) || !error.oauthError.includes('dpop')) return undefined;
  const { oauthError } = error;
  const origin = originOf(client);
  return client.proofs
    ? new IdentityError('dpop-refused', { origin, oauthError })
    : new IdentityError('dpop-required', { origin });
}

/** What a server of the RFCs has to say of a grant; a 401 without a word is about the client (RFC 6749 §5.2). */
export const parsed = async (
  client: OAuthClient,
  server: TokenEndpoints,
  grant: (options: RequestOptions) => Promise<Response>,
): Promise<ParsedTokenResponse> =>
  parseTokenResponse(
    await ask(client, server.token_endpoint, (options) =>
      grant({
        ...options,
        ...(client.tokenParameters && { additionalParameters: client.tokenParameters }),
      }),
    ),
    wordOf(client),
  );
