/** The codes of all errors, by who must act or what failed, and the facts that a message may mention. */

/** Facts a message may mention. Never free text from a server, never a token, code, verifier or whole URL: origins only. */
export interface Facts {
  /** Origin of the portal or server concerned. */
  origin?: string;
  /** Name of the option or attribute that is wrong. */
  field?: string;
  /** Path of the worker script or of the redirect URI, without query. */
  path?: string;
  /** Scope of the service worker, as a path. */
  scope?: string;
  /** The only scope that the server lets it work under, as a path. */
  onlyScope?: string;
  /** Issuer identifier as registered, and as the metadata have it; or path of another worker script that is there in place of ours. */
  issuer?: string;
  found?: string;
  /** The server's registered error word (RFC 6749 §4.1.2.1, §5.2), never its description. */
  oauthError?: string;
  /** HTTP status of the answer concerned. */
  status?: number;
  /** How many changes of an edit its service refused. */
  count?: number;
  /** MIME type of the answer concerned. */
  mimeType?: string;
  /** Name of an unexpected error's class. */
  name?: string;
  /** Where in our own script an unexpected error arose: file, line and column of each frame. */
  stack?: string;
  pageVersion?: number;
  workerVersion?: number;
}

// Codes are public API: renaming one is a breaking change, rewording its message is not.

/** The integrating developer must change something. */
export const configurationCodes = [
  'portal-url-invalid',
  'portal-insecure',
  'client-id-missing',
  'redirect-uri-invalid',
  'redirect-uri-outside-scope',
  'option-invalid',
  'injected-keys-missing',
  'part-missing',
  'registrations-overlap',
  'portal-not-registered',
  'portal-ambiguous',
  'storage-partitioned',
  'callback-page-missing',
  'sign-out-unsupported',
  'service-worker-unsupported',
  'context-insecure',
  'worker-missing',
  'worker-script-missing',
  'worker-script-redirected',
  'worker-script-forbidden',
  'worker-script-unavailable',
  'worker-script-refused',
  'worker-script-wrong-type',
  'worker-scope-refused',
  'worker-scope-mismatch',
  'worker-scope-shared',
  'worker-blocked',
  'worker-script-failed',
  'embedder-policy-missing',
  'client-chunk-missing',
  'layer-unsupported',
] as const;

/** Page and worker could not talk. */
export const connectionCodes = [
  'worker-unreachable',
  'worker-restarted',
  'page-uncontrolled',
  'protocol-mismatch',
  'storage-unavailable',
  'storage-rebuilt',
  'edit-not-kept',
  'quota-insufficient',
  'area-lost',
  'cache-unavailable',
  'internal-error',
] as const;

/** The user must act (again). */
export const challengeCodes = [
  'authorization-url-unknown',
  'response-misplaced',
  'code-missing',
  'code-reused',
  'code-refused',
  'access-denied',
  'challenge-cancelled',
  'login-required',
  'sign-in-interrupted',
  'sign-in-required',
  'edit-waits-for-sign-in',
  'edit-of-other-user',
  'issuer-mismatch',
] as const;

/** The portal refused, or did not answer as it should. */
export const portalCodes = [
  'authorization-failed',
  'portal-unreachable',
  'local-network-blocked',
  'edit-delayed',
  'edit-refused',
  'edit-partly-refused',
  'edit-service-gone',
  'edit-unconfirmed',
  'answer-unusable',
  'save-interrupted',
  'metadata-missing',
  'metadata-unreadable',
  'metadata-issuer-differs',
  'metadata-invalid',
  'pkce-unsupported',
  'par-endpoint-missing',
  'par-unreadable',
  'par-refused',
  'dpop-required',
  'dpop-unsupported',
  'dpop-refused',
] as const;

/** Every code an {@link IdentityError} can carry. */
export type ErrorCode = (
  typeof configurationCodes | typeof connectionCodes | typeof challengeCodes | typeof portalCodes
)[number];

/** All codes, in the order of the documentation. */
export const errorCodes: readonly ErrorCode[] = [
  ...configurationCodes,
  ...connectionCodes,
  ...challengeCodes,
  ...portalCodes,
];

/** Makes the message of an error. */
export type ErrorMessage = (facts: Facts) => string;
