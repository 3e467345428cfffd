// Everything about the portal that a test may turn, with its defaults. Plain JSON, so it also travels over HTTP.

export type ServerName = 'portal' | 'server' | 'hosted' | 'alone' | 'oauth' | 'foreign';
export const serverNames: readonly ServerName[] = ['portal', 'server', 'hosted', 'alone', 'oauth', 'foreign'];

/** How a service says that the token is missing or refused. */
export type ErrorStyle = 'json200' | 'html200' | 'status498' | 'status401' | 'status403';

/** What the error envelope looks like: real servers differ in these. */
export type EnvelopeShape = 'standard' | 'string-code' | 'string-details' | 'no-details';

/**
 * How a server answers other origins.
 * `star`: any origin, no authorization header. `echo-credentials`: the asking origin, with cookies.
 * `unlisted`: no CORS header at all. `refuse-preflight`: any origin, but OPTIONS is refused.
 * `two-headers`: any origin, and both authorization headers pass the preflight.
 * `doubled-origin`: a mis-set server that sends two allowed origins, which browsers reject.
 */
export type CorsMode =
  'star' | 'echo-credentials' | 'unlisted' | 'refuse-preflight' | 'two-headers' | 'doubled-origin';

export interface Switches {
  clockOffsetMs: number;
  /** Life of access tokens in seconds. */
  accessTokenLifetimeS: number;
  /** Life of refresh tokens in seconds; null: as the authorization request asked. */
  refreshTokenLifetimeS: number | null;
  /** The organisation's ceiling in minutes; -1: none. */
  maxTokenExpirationMinutes: number;
  /** True for portals older than 10.9.1. */
  omitRefreshTokenExpiresIn: boolean;
  /** What `expires_in` says instead of the truth; null: the truth. A missing `value` leaves the member out. */
  expiresIn: { value?: number | string } | null;
  /** What the `ssl` member of token answers says. False, because this portal speaks http and clients would switch to https. */
  ssl: boolean;
  /** HTTP status of refusals of the portal's OAuth endpoints. */
  oauthErrorStatus: 200 | 400;
  /** Whether the plain `refresh_token` grant of the portal also returns a new refresh token. ArcGIS does not. */
  rotateOnRefresh: boolean;
  /** The same for the generic OAuth server. */
  oauthRotateOnRefresh: boolean;
  /** Whether using a rotated refresh token again kills everything that came after it (RFC 9700 §4.14.2). */
  revokeFamilyOnReuse: boolean;
  /** Whether a token opens only the servers it was issued for. */
  strictAudience: boolean;
  /** Style by service name; `*` for those not named. */
  errorStyles: Record<string, ErrorStyle>;
  envelopeShape: EnvelopeShape;
  /** Cache-Control of error envelopes; null: `no-store`. */
  envelopeCacheControl: string | null;
  /** Services that answer 498 whatever token comes. */
  alwaysRefuse: string[];
  /** Services that answer 403 with subcode 4 because this is http. */
  sslRequired: string[];
  cors: Record<ServerName, CorsMode>;
  /** Cross-Origin-Opener-Policy of the sign-in pages. */
  coop: string | null;
  /** `currentVersion` of the portal. Below 8.4 it knows no PKCE and ignores the challenge. */
  portalVersion: string;
  /** Whether the portal sits behind web-tier authentication: everything needs the session cookie. */
  webTier: boolean;
  authorizedCrossOriginDomains: string[];
  /** What else the generic server's metadata say, in place of the truth. */
  metadata: Readonly<Record<string, string>>;
  /** `issuer` in the generic server's metadata; null: the right one. */
  metadataIssuer: string | null;
  /** `iss` in the generic server's authorization responses (RFC 9207). */
  responseIss: 'right' | 'wrong' | 'missing';
}

export function defaultSwitches(accessTokenLifetimeS: number): Switches {
  return {
    clockOffsetMs: 0,
    accessTokenLifetimeS,
    refreshTokenLifetimeS: null,
    maxTokenExpirationMinutes: -1,
    omitRefreshTokenExpiresIn: false,
    expiresIn: null,
    ssl: false,
    oauthErrorStatus: 200,
    rotateOnRefresh: false,
    oauthRotateOnRefresh: true,
    revokeFamilyOnReuse: false,
    strictAudience: true,
    errorStyles: {},
    envelopeShape: 'standard',
    envelopeCacheControl: null,
    alwaysRefuse: [],
    sslRequired: [],
    cors: {
      portal: 'refuse-preflight',
      server: 'star',
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
