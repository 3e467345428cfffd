/** What is asked of an authorization server. A registration brings the implementation it needs: a worker for ArcGIS alone is smaller. */
import type { SignInParameters } from '../../protocol/worker-api.js';
import type { DPoPHandle } from 'oauth4webapi';
import type { Database } from '../storage/database.js';
import type { StepUpNote } from '../storage/records.js';
import type { TokenResponse } from './token-endpoint.js';

/** Addresses of an authorization server (RFC 8414 names). A type, not an interface: the OAuth library wants an index signature. */
export type Endpoints = {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly revocation_endpoint?: string;
  readonly end_session_endpoint?: string;
  readonly authorization_response_iss_parameter_supported?: boolean;
  readonly userinfo_endpoint?: string;
  readonly pushed_authorization_request_endpoint?: string;
  readonly require_pushed_authorization_requests?: boolean;
  readonly dpop_signing_alg_values_supported?: string[];
};

/** Where tokens are issued and revoked: kept with a credential, so that metadata out of reach end no session. */
export type TokenEndpoints = Pick<Endpoints, 'issuer' | 'token_endpoint' | 'revocation_endpoint'>;

/** Proofs of having the key that tokens are bound to (RFC 9449). */
export interface Proofs {
  /** Has the key kept; without it, it is gone when the worker stops. */
  keepIn(database: Pick<Database, 'key'>): void;
  /** What the OAuth library makes proofs with. */
  handle(): Promise<DPoPHandle>;
  /**
   * Sends a request with a token and a proof; once more where the server wants its nonce in it (RFC 9449 §9).
   *
   * @param make - Makes the request, each time anew.
   * @param fetchFrom - Sends it.
   * @param isRepeatable - Whether it can be sent twice.
   * @throws What `fetchFrom` throws.
   */
  send(
    token: string,
    make: () => Request,
    fetchFrom: (request: Request) => Promise<Response>,
    isRepeatable?: boolean,
  ): Promise<Response>;
}

/** What an API asks for beyond what the token shows. */
export interface StepUp {
  /** Of the authorization request. */
  readonly parameters: Readonly<Record<string, string>>;
  /**
   * Notes that the user is asked for it. Absent where that has been done.
   *
   * @param earlier - What APIs have had asked for before.
   * @throws where the user has been asked for the same a while ago, or for enough.
   */
  note?(earlier: readonly StepUpNote[] | undefined): readonly StepUpNote[];
}

/** Parameter of an address of this worker that leads to the end of a server's session: the registration's URL. */
export const SIGN_OUT_PARAMETER = 'identity-sign-out';

/** What the OAuth side needs of a registration. */
export interface OAuthClient {
  /** Root URL without trailing slash, or issuer; the portal's name in every call. */
  readonly url: string;
  /** The issuer, where several registrations share one and `url` tells them apart. */
  readonly issuer?: string;
  readonly clientId: string;
  /** The exact redirect URI, absolute or out of band. */
  readonly redirectUri: string;
  /** The page that ends sign-ins, where the redirect URI is at another origin. */
  readonly callbackPage?: string;
  /** Where the server's own sign-out ends; absent: at the redirect URI. */
  readonly postLogoutRedirectUri?: string;
  readonly authorizationServer: AuthorizationServer;
  /** Fixed endpoints, or `undefined` where the issuer's metadata names them. */
  readonly endpoints: Endpoints | undefined;
  /** Parameters added to every authorization request. */
  readonly authorizationParameters: Readonly<Record<string, string | undefined>>;
  /** Parameters added to every request to the token endpoint. */
  readonly tokenParameters?: Readonly<Record<string, string>>;
  /** Present where tokens are bound to a key. */
  readonly proofs?: Proofs;
  /** The portal is behind web-tier authentication: cookies go along to its endpoints. */
  readonly webTier: boolean;
}

/** An authorization response together with the request it answers. */
export interface CodeGrant {
  readonly code: string;
  /** As received; absent out of band. */
  readonly state: string | undefined;
  readonly iss: string | undefined;
  readonly request: { readonly state: string; readonly codeVerifier: string };
}

/**
 * One kind of authorization server. Methods that return tokens throw `OAuthError` when the server refused the grant, and
 * `TokenEndpointUnavailable` when there was no token response: the grant may then still be good.
 */
export interface AuthorizationServer {
  /** @throws `TokenEndpointUnavailable` when the endpoints are not known and cannot be discovered. */
  endpointsOf(client: OAuthClient): Promise<Endpoints>;

  /** The token endpoints as far as they are known; absent for servers whose endpoints are fixed. Synchronous. */
  knownEndpoints?(client: OAuthClient): TokenEndpoints | undefined;

  /** Takes the token endpoints that were kept with a credential, for when the metadata cannot be read. */
  rememberEndpoints?(client: OAuthClient, endpoints: TokenEndpoints): void;

  /**
   * Exchanges an authorization code for tokens.
   *
   * @throws ChallengeError `issuer-mismatch` when the response names another server (RFC 9207 §2.4).
   * @throws PortalError `dpop-required`, `dpop-unsupported`, `dpop-refused`.
   * @see RFC 6749 §4.1.3, RFC 7636 §4.5
   */
  exchangeCode(client: OAuthClient, grant: CodeGrant): Promise<TokenResponse>;

  /**
   * Checks that an authorization error response comes from the server that was asked; a success is checked with its code.
   *
   * @param iss - As received.
   * @throws ChallengeError `issuer-mismatch` when it names another server, or none though the server always does.
   * @see RFC 9207 §2.4
   */
  checkIssuer(client: OAuthClient, iss: string | undefined): Promise<void>;

  /**
   * Renews an access token.
   *
   * @see RFC 6749 §6
   */
  refresh(client: OAuthClient, refreshToken: string): Promise<TokenResponse>;

  /** Exchanges a refresh token near its end for a new one; the old one and its access tokens die. Not every server can. */
  exchangeRefreshToken?(client: OAuthClient, refreshToken: string): Promise<TokenResponse>;

  /**
   * Whether the server itself takes an access token: a second opinion on one that a service has rejected.
   *
   * @returns `undefined` where the server has no endpoint that tells.
   */
  accepts?(client: OAuthClient, accessToken: string): Promise<boolean | undefined>;

  /**
   * Revokes a token. It does not fail: a local sign-out neither waits for it nor fails with it.
   *
   * @param hint - Which kind of token it is (RFC 7009 §2.1).
   * @returns Whether there is nothing left to do; `false` where the server could not be asked.
   */
  revoke(client: OAuthClient, token: string, hint: 'refresh_token' | 'access_token'): Promise<boolean>;

  /** The parameters of an authorization request for what a sign-in asks for (OpenID Connect Core §3.1.2.1; ArcGIS REST: Authorize). */
  signInParameters(parameters: SignInParameters): Readonly<Record<string, string | undefined>>;

  /**
   * Further parameters of an authorization request.
   *
   * @param codeChallenge - Of this request.
   * @throws PortalError `dpop-unsupported`.
   */
  requestParameters?(
    client: OAuthClient,
    codeChallenge: string,
  ): Promise<Readonly<Record<string, string | undefined>>>;

  /**
   * What the response of an API asks the user's next sign-in for.
   *
   * @param scope - That the token was asked for; absent: the registered one.
   */
  stepUpOf?(client: OAuthClient, response: Response, scope: string | undefined): Promise<StepUp | undefined>;

  /**
   * Sends the parameters of an authorization request ahead.
   *
   * @returns What stands in their place in the authorization URL; `undefined` where the server does not ask for that.
   * @throws PortalError `par-endpoint-missing`, `par-unreadable`, `par-refused`, `portal-unreachable`, `dpop-required`, `dpop-refused`.
   * @see RFC 9126
   */
  push?(
    client: OAuthClient,
    parameters: URLSearchParams,
  ): Promise<Readonly<Record<string, string>> | undefined>;

  /** Revokes nothing but the token that is named, and what was issued for it: other sign-ins of the user go on. */
  readonly revokesTokenOnly: boolean;

  /**
   * Takes the ID token of a user who has just signed out, for the page that ends the server's session.
   *
   * @param idToken - `undefined` where there is none: an earlier one is forgotten.
   * @see OpenID Connect RP-Initiated Logout 1.0 §2 (`id_token_hint`)
   */
  holdIdToken?(client: OAuthClient, idToken: string | undefined): void;

  /** An address of this worker that a page opens in place of that page, and sees no ID token in; `undefined` where none is held. */
  concealedSignOutUrl?(client: OAuthClient): string | undefined;

  /** Responds to the navigation of a window to such an address. Never rejects. */
  leadToSignOut?(client: OAuthClient, address: URL): Promise<Response>;

  /** Name of the parameter with the page to return to after the portal's own sign-out. */
  readonly postSignOutParameter: string;
}
