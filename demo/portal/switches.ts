// All settings of the portal that tests can change, with defaults. Plain JSON, which is also sent over HTTP.

/** The federated servers. `server2` has an origin of its own, `server3` shares the one of `server`. */
export type FederatedName = 'server' | 'server2' | 'server3';
export const federatedNames: readonly FederatedName[] = ['server', 'server2', 'server3'];

export type ServerName = FederatedName | 'portal' | 'hosted' | 'alone' | 'oauth' | 'foreign';
export const serverNames: readonly ServerName[] = [
  'portal',
  ...federatedNames,
  'hosted',
  'alone',
  'oauth',
  'foreign',
];

/** How services report a missing or refused token. */
export type ErrorStyle = 'json200' | 'html200' | 'exception200' | 'status498' | 'status401' | 'status403';

/** The shape of the error envelope, which differs between real servers. */
export type EnvelopeShape = 'standard' | 'string-code' | 'string-details' | 'no-details';

/**
 * CORS headers of a server.
 * `star`: any origin, no authorization header. `echo-credentials`: the request's origin, with cookies.
 * `unlisted`: no CORS header at all. `refuse-preflight`: any origin, but OPTIONS is refused.
 * `two-headers`: any origin, and both authorization headers pass the preflight.
 * `doubled-origin`: a misconfigured server that sends two allowed origins, which browsers reject.
 */
export type CorsMode =
  'star' | 'echo-credentials' | 'unlisted' | 'refuse-preflight' | 'two-headers' | 'doubled-origin';

export interface Switches {
  clockOffsetMs: number;
  /** Life of access tokens in seconds. */
  accessTokenLifetimeS: number;
  /** Life of refresh tokens in seconds; null: as the authorization request asks. */
  refreshTokenLifetimeS: number | null;
  /** The organisation's limit in minutes; -1: none. */
  maxTokenExpirationMinutes: number;
  /** Life of the tokens that the portal issues for federated servers, in seconds; null: as clients ask. */
  serverTokenLifetimeS: number | null;
  /** True for portals older than 10.9.1. */
  omitRefreshTokenExpiresIn: boolean;
  /** Replaces the value of `expires_in`; null: the true one. Without `value`, `expires_in` is left out. */
  expiresIn: { value?: number | string } | null;
  /** The `ssl` member of token responses. With http it is false, because clients would switch to https. */
  ssl: boolean;
  /** HTTP status of refusals of the portal's OAuth endpoints. */
  oauthErrorStatus: 200 | 400;
  /** Whether the plain `refresh_token` grant of the portal also returns a new refresh token. ArcGIS does not. */
  rotateOnRefresh: boolean;
  /** The same for the generic OAuth server. */
  oauthRotateOnRefresh: boolean;
  /** How long a rotated refresh token can be used again, in seconds: responses get lost. At both servers. */
  rotationGraceS: number;
  /** Whether the use of a rotated refresh token revokes all tokens that were issued after it (RFC 9700 §4.14.2). */
  revokeFamilyOnReuse: boolean;
  /** Whether only the server accepts a token that it was issued for. */
  strictAudience: boolean;
  /** Style by service name; `*` for those not named. */
  errorStyles: Record<string, ErrorStyle>;
  envelopeShape: EnvelopeShape;
  /** Cache-Control of error envelopes; null: `no-store`. */
  envelopeCacheControl: string | null;
  /** Life of tiles, styles, sprites, glyphs, attachments and thumbnails in caches, in seconds; null: as each service says. */
  maxAgeS: number | null;
  /** The answer to a user who is not signed in and asks for an item that is not public: 400 `CONT_0001`, as of one that does not exist, or 403 `GWM_0003`. */
  privateItems: 'missing' | 'forbidden';
  /** Services that respond 498 to every token. */
  alwaysRefuse: string[];
  /** Services that respond 403 with subcode 4 because this is http. */
  sslRequired: string[];
  cors: Record<ServerName, CorsMode>;
  /** Cross-Origin-Opener-Policy of the sign-in pages. */
  coop: string | null;
  /** `currentVersion` of the portal. Below 8.4 it has no PKCE and ignores the challenge. */
  portalVersion: string;
  /** Whether the portal has web-tier authentication: everything needs the session cookie. */
  webTier: boolean;
  authorizedCrossOriginDomains: string[];
  /** Members that replace those of the generic server's metadata. */
  metadata: Readonly<Record<string, string>>;
  /** `issuer` in the generic server's metadata; null: the true one. */
  metadataIssuer: string | null;
  /** `iss` in the generic server's authorization responses (RFC 9207). */
  responseIss: 'right' | 'wrong' | 'missing';
}

/** @param isSecure - Whether the portal speaks https. */
export function defaultSwitches(accessTokenLifetimeS: number, isSecure: boolean): Switches {
  return {
    clockOffsetMs: 0,
    accessTokenLifetimeS,
    refreshTokenLifetimeS: null,
    maxTokenExpirationMinutes: -1,
    serverTokenLifetimeS: null,
    omitRefreshTokenExpiresIn: false,
    expiresIn: null,
    ssl: isSecure,
    oauthErrorStatus: 200,
    rotateOnRefresh: false,
    oauthRotateOnRefresh: true,
    rotationGraceS: 0,
    revokeFamilyOnReuse: false,
    strictAudience: true,
    errorStyles: {},
    envelopeShape: 'standard',
    envelopeCacheControl: null,
    maxAgeS: null,
    privateItems: 'missing',
    alwaysRefuse: [],
    sslRequired: [],
    cors: {
      portal: 'refuse-preflight',
      server: 'star',
      server2: 'star',
      server3: 'star',
      hosted: 'two-headers',
      alone: 'star',
      oauth: 'two-headers',
      foreign: 'two-headers',
    },
    coop: null,
    portalVersion: '2025.1',
    webTier: false,
    authorizedCrossOriginDomains: [],
    metadata: {},
    metadataIssuer: null,
    responseIss: 'right',
  };
}
