/** What a registration is: as written by the developer, and as resolved against the worker's scope. */
import { ConfigurationError, type Facts } from '../../protocol/errors.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import { isRecord } from '../../protocol/record.js';
import type { Dialect } from '../oauth/authorization-server.js';
import { readPortalUrl, type PortalUrl } from './portal-url.js';

/**
 * Where the token goes in a request. `auto` is the placement that costs no CORS preflight. `form` asks operations by
 * form wherever it can: what the page gets is then the network's own answer, exact in `type` and `redirected`, uncached.
 */
export type TokenPlacement = 'auto' | 'header' | 'query' | 'form';

/** What a plain `<img>` of a secured picture gets: an opaque answer as ever, or one that a canvas can be exported with. */
export type ImageAnswers = 'opaque' | 'readable';

/** Who takes the portal's answer at the redirect URI: the page there, or the worker before any page script sees it. */
export type CallbackHandler = 'page' | 'worker';

/** How credentials are kept: not at all, sealed under a key in IndexedDB, or under one that only the worker's script holds. */
export type Persistence = 'memory' | 'persistent' | 'sealed';

/** What of a registration's URLs is signed: least privilege against script that misuses the worker. */
export interface Allowance {
  /** Methods that are signed, such as `GET`. Default: all. */
  methods?: readonly string[];
  /** Path prefixes that are signed, by whole segments, such as `/portal/sharing/rest/content/`. Default: all. */
  paths?: readonly string[];
}

/** How the portal's servers answer and where they take tokens. */
export type PortalKind = 'arcgis' | 'oauth';

/** Addresses of an authorization server (RFC 8414 names). A type, not an interface: the OAuth library wants an index signature. */
export type Endpoints = {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly revocation_endpoint?: string;
  readonly end_session_endpoint?: string;
  readonly authorization_response_iss_parameter_supported?: boolean;
  readonly id_token_signing_alg_values_supported?: string[];
};

/** A registration, checked as far as it can be without knowing the worker's scope. Made by the functions of this folder. */
export interface PortalDefinition {
  readonly kind: PortalKind;
  /** How its authorization server is spoken with. */
  readonly dialect: Dialect;
  /** Root URL without trailing slash; the portal's name in every call. */
  readonly url: string;
  readonly name: string;
  readonly clientId: string;
  /** As written; resolved against the worker's scope. */
  readonly redirectUri: string;
  readonly tokenPlacement: TokenPlacement;
  readonly images: ImageAnswers;
  readonly persistence: Persistence;
  readonly callback: CallbackHandler;
  /** Undefined: all of what is owned. */
  readonly allow: Allowance | undefined;
  /** The portal sits behind web-tier authentication: it, and the servers it lists, want the browser's own credentials too. */
  readonly webTier: boolean;
  /** URL prefixes that take the portal's own token. */
  readonly resources: readonly PortalUrl[];
  /** Roots of federated ArcGIS Servers; each gets a token of its own from the portal. */
  readonly servers: readonly PortalUrl[];
  /** Host suffix whose hosts all take the portal's own token, such as `.arcgis.com`. */
  readonly hostSuffix: string | undefined;
  /** Fixed endpoints, or `undefined` where the issuer's metadata names them. */
  readonly endpoints: Endpoints | undefined;
  /** Parameters added to every authorization request. */
  readonly authorizationParameters: Readonly<Record<string, string | undefined>>;
}

/** A registration that the worker works with. */
export interface Portal extends PortalDefinition {
  /** The exact redirect URI, absolute or out of band. */
  readonly redirectUri: string;
}

/**
 * What a stored credential is bound to: a changed registration does not get the old tokens. Written when it is asked for: a
 * worker that starts has few credentials, and may have a thousand registrations.
 */
export const fingerprintOf = ({
  url,
  clientId,
  redirectUri,
  resources,
  servers,
  hostSuffix,
  endpoints,
  persistence,
}: Portal): string =>
  JSON.stringify([
    url,
    clientId,
    redirectUri,
    resources.map(({ href }) => href),
    servers.map(({ href }) => href),
    hostSuffix,
    endpoints,
    persistence,
  ]);

/** Checks a list of URL prefixes. */
export function parsePrefixes(values: readonly string[] | undefined, field: string): PortalUrl[] {
  if (values === undefined) return [];
  if (!Array.isArray(values)) throw optionInvalid({ field });
  return values.map((value) => readPortalUrl(value, field));
}

/** An option whose value cannot be used. */
export const optionInvalid = (facts: Facts): ConfigurationError =>
  new ConfigurationError('option-invalid', facts);

/** Options of every kind of portal that say how its tokens are kept and used. */
export interface SharedOptions {
  /** What a plain `<img>` gets. Default `opaque`, as without a worker; `readable` where a canvas is to be exported. */
  images?: ImageAnswers;
  /**
   * How credentials are kept. Default `persistent`: encrypted, which protects a copied profile and not against hostile
   * script of the same origin; `sealed` does, and wants the app's server to serve the worker's script through
   * `sealWorkerScript`; `memory` keeps nothing when the worker stops.
   */
  persistence?: Persistence;
  /**
   * Who takes the authorization code. Default `page`: the page at the redirect URI, by `completeSignIn`. `worker`: the
   * worker itself, so that hostile script cannot read a code there; the server should guard the page with `guardCallback`, and the
   * page has no other purpose.
   */
  callback?: CallbackHandler;
  /** Narrows what is signed. Default: everything that the registration owns. */
  allow?: Allowance;
}

/** Checks the options that all kinds of portal share. */
export function parseShared(
  options: SharedOptions & { redirectUri: string },
): Pick<PortalDefinition, 'images' | 'persistence' | 'callback' | 'allow'> {
  const { images = 'opaque', persistence = 'persistent', callback = 'page', allow } = options;
  if (images !== 'opaque' && images !== 'readable') throw optionInvalid({ field: 'images' });
  if (persistence !== 'memory' && persistence !== 'persistent' && persistence !== 'sealed')
    throw optionInvalid({ field: 'persistence' });
  if (callback !== 'page' && (callback !== 'worker' || options.redirectUri === OUT_OF_BAND))
    throw optionInvalid({ field: 'callback' });
  return { images, persistence, callback, allow: parseAllowance(allow) };
}

function parseAllowance(allow: unknown): Allowance | undefined {
  if (allow === undefined) return undefined;
  if (!isRecord(allow)) throw optionInvalid({ field: 'allow' });
  const { methods, paths } = allow;
  return {
    ...(methods === undefined
      ? {}
      : { methods: parseTexts(methods, 'allow.methods', /^[A-Za-z]+$/).map((name) => name.toUpperCase()) }),
    ...(paths === undefined ? {} : { paths: parseTexts(paths, 'allow.paths', /^\//) }),
  };
}

function parseTexts(values: unknown, field: string, shape: RegExp): string[] {
  if (!Array.isArray(values)) throw optionInvalid({ field });
  return values.map((value) => {
    if (typeof value !== 'string' || !shape.test(value)) throw optionInvalid({ field });
    return value;
  });
}

/** Checks a token placement. */
export function parsePlacement(value: unknown): TokenPlacement {
  if (value === undefined) return 'auto';
  if (value === 'auto' || value === 'header' || value === 'query' || value === 'form') return value;
  throw optionInvalid({ field: 'tokenPlacement' });
}
