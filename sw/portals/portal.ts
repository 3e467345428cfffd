/** What a registration is: as written by the developer, and as resolved against the worker's scope. */
import { ConfigurationError, type Facts } from '../../protocol/errors.js';
import { parsePortalUrl } from '../../protocol/registration.js';

/**
 * Where the token goes in a request. `auto` is the placement that costs no CORS preflight. `form` asks operations by
 * form wherever it can: what the page gets is then the network's own answer, exact in `type` and `redirected`, uncached.
 */
export type TokenPlacement = 'auto' | 'header' | 'query' | 'form';

/** What a plain `<img>` of a secured picture gets: an opaque answer as ever, or one that a canvas can be exported with. */
export type ImageAnswers = 'opaque' | 'readable';

/** Which wire dialect the portal speaks. */
export type PortalKind = 'arcgis' | 'oauth';

/** Addresses of an authorization server (RFC 8414 names). A type, not an interface: the OAuth library wants an index signature. */
export type Endpoints = {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly revocation_endpoint?: string;
  readonly authorization_response_iss_parameter_supported?: boolean;
  readonly id_token_signing_alg_values_supported?: string[];
};

/** A registration, checked as far as it can be without knowing the worker's scope. Made by the functions of this folder. */
export interface PortalDefinition {
  readonly kind: PortalKind;
  /** Root URL without trailing slash; the portal's name in every call. */
  readonly url: string;
  readonly name: string;
  readonly clientId: string;
  /** As written; resolved against the worker's scope. */
  readonly redirectUri: string;
  readonly placement: TokenPlacement;
  readonly images: ImageAnswers;
  /** The portal sits behind web-tier authentication: it, and the servers it lists, want the browser's own credentials too. */
  readonly webTier: boolean;
  /** URL prefixes that take the portal's own token. */
  readonly resources: readonly URL[];
  /** Roots of federated ArcGIS Servers; each gets a token of its own from the portal. */
  readonly servers: readonly URL[];
  /** Host suffix whose hosts all take the portal's own token, such as `.arcgis.com`. */
  readonly hostSuffix?: string;
  /** Fixed endpoints, or `undefined` where the issuer's metadata names them. */
  readonly endpoints?: Endpoints;
  /** Parameters added to every authorization request. */
  readonly authorizationParameters: Readonly<Record<string, string>>;
}

/** A registration that the worker works with. */
export interface Portal extends PortalDefinition {
  /** The exact redirect URI, absolute or out of band. */
  readonly redirectUri: string;
  /** What a stored credential is bound to: a changed registration does not get the old tokens. */
  readonly fingerprint: string;
}

/** Checks a list of URL prefixes. */
export function parsePrefixes(values: readonly string[] | undefined, field: string): URL[] {
  if (values === undefined) return [];
  if (!Array.isArray(values)) throw optionInvalid({ field });
  return values.map((value) => parsePortalUrl(value, field));
}

/** An option whose value cannot be used. */
export const optionInvalid = (facts: Facts): ConfigurationError =>
  new ConfigurationError('option-invalid', facts);

/** Checks what images get. */
export function parseImages(value: unknown): ImageAnswers {
  if (value === undefined) return 'opaque';
  if (value === 'opaque' || value === 'readable') return value;
  throw optionInvalid({ field: 'images' });
}

/** Checks a token placement. */
export function parsePlacement(value: unknown): TokenPlacement {
  if (value === undefined) return 'auto';
  if (value === 'auto' || value === 'header' || value === 'query' || value === 'form') return value;
  throw optionInvalid({ field: 'placement' });
}
