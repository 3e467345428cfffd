/** The codes of all errors, who must act on each, and the facts that a message may mention. */

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
  /** The server's registered error word (RFC 6749 §4.1.2.1, §5.2), never its description. */
  oauthError?: string;
  /** HTTP status of the answer concerned. */
  status?: number;
  /** MIME type of the answer concerned. */
  mimeType?: string;
  pageVersion?: number;
  workerVersion?: number;
}

/** Who must act, or what failed. */
export type Group = 'configuration' | 'challenge' | 'portal' | 'connection';

/** Code → who must act. Codes are public API: renaming one is a breaking change, rewording is not. */
export const groups = {
  'portal-url-invalid': 'configuration',
  'portal-insecure': 'configuration',
  'client-id-missing': 'configuration',
  'redirect-uri-invalid': 'configuration',
  'redirect-uri-outside-scope': 'configuration',
  'option-invalid': 'configuration',
  'injected-keys-missing': 'configuration',
  'part-missing': 'configuration',
  'registrations-overlap': 'configuration',
  'portal-not-registered': 'configuration',
  'portal-ambiguous': 'configuration',
  'storage-partitioned': 'configuration',
  'sign-out-unsupported': 'configuration',
  'service-worker-unsupported': 'configuration',
  'context-insecure': 'configuration',
  'worker-missing': 'configuration',
  'worker-script-missing': 'configuration',
  'worker-script-refused': 'configuration',
  'worker-script-wrong-type': 'configuration',
  'worker-scope-refused': 'configuration',
  'worker-blocked': 'configuration',
  'worker-script-failed': 'configuration',
  'client-chunk-missing': 'configuration',
  'worker-unreachable': 'connection',
  'worker-restarted': 'connection',
  'page-uncontrolled': 'connection',
  'protocol-mismatch': 'connection',
  'page-refused': 'connection',
  'internal-error': 'connection',
  'authorization-url-unknown': 'challenge',
  'code-missing': 'challenge',
  'code-reused': 'challenge',
  'code-refused': 'challenge',
  'access-denied': 'challenge',
  'challenge-cancelled': 'challenge',
  'login-required': 'challenge',
  'sign-in-interrupted': 'challenge',
  'issuer-mismatch': 'challenge',
  'authorization-failed': 'portal',
  'portal-unreachable': 'portal',
} satisfies Record<string, Group>;

/** Makes the message of an error. */
export type ErrorMessage = (facts: Facts) => string;

/** Every code an {@link IdentityError} can carry. */
export type ErrorCode = keyof typeof groups;

/** All codes, in the order of the documentation. */
export const errorCodes = Object.keys(groups) as ErrorCode[];
