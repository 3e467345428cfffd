/** How an authorization server is spoken with. A registration brings the one it needs: a worker for ArcGIS alone is smaller. */
import type { Endpoints, Portal } from '../portals/portal.js';
import type { TokenAnswer } from './token-response.js';

/** An authorization response together with the request it answers. */
export interface CodeGrant {
  readonly code: string;
  /** As received; absent out of band. */
  readonly state: string | undefined;
  readonly iss: string | undefined;
  readonly request: { readonly state: string; readonly codeVerifier: string };
}

/**
 * The token requests of one kind of authorization server. Those that give tokens throw `GrantRefused` when the server
 * refused the grant, and `NoVerdict` when there was no token answer: the grant may then still be good.
 */
export interface Dialect {
  /**
   * @throws `NoVerdict` when the addresses are not known and cannot be found out.
   */
  endpointsOf(portal: Portal): Promise<Endpoints>;

  /**
   * Swaps an authorization code for tokens.
   *
   * @throws ChallengeError `issuer-mismatch` when the response names another server (RFC 9207 §2.4).
   * @see RFC 6749 §4.1.3, RFC 7636 §4.5
   */
  exchangeCode(portal: Portal, grant: CodeGrant): Promise<TokenAnswer>;

  /**
   * Renews an access token.
   *
   * @see RFC 6749 §6
   */
  refresh(portal: Portal, refreshToken: string): Promise<TokenAnswer>;

  /** Swaps a refresh token near its end for a new one; the old one and its access tokens die. Not every server can. */
  exchangeRefreshToken?(portal: Portal, refreshToken: string): Promise<TokenAnswer>;

  /**
   * Revokes a token, best effort: local sign-out never waits for it or fails with it.
   *
   * @param hint - Which kind of token it is (RFC 7009 §2.1).
   */
  revoke(portal: Portal, token: string, hint: 'refresh_token' | 'access_token'): Promise<void>;
}
