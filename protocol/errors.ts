/** The error classes, the catalogue of their codes and messages, and their form on the wire between page and worker. */

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

type Group = 'configuration' | 'challenge' | 'portal' | 'connection';

interface Entry {
  readonly group: Group;
  readonly message: (facts: Facts) => string;
}

const entry = (group: Group, message: (facts: Facts) => string): Entry => ({ group, message });

/** The portal or server of a message. */
const at = ({ origin }: Facts): string => origin ?? 'the portal';

/** The worker's script of a message. */
const script = ({ path }: Facts, article = 'The'): string =>
  path === undefined ? `${article} worker script` : `${article} worker script ${path}`;

/** Code → who must act, and what to do. Codes are public API: renaming one is a breaking change, rewording is not. */
const catalogue = {
  'portal-url-invalid': entry(
    'configuration',
    (f) =>
      `The option "${f.field ?? 'url'}" is not an absolute URL. Give the whole address, such as https://gis.example.org/portal.`,
  ),
  'portal-insecure': entry(
    'configuration',
    (f) => `${at(f)} is not https. Use https, or a loopback address while developing.`,
  ),
  'client-id-missing': entry(
    'configuration',
    (f) =>
      `The registration of ${at(f)} has no client id. Give the id the portal issued when the app was registered there.`,
  ),
  'redirect-uri-invalid': entry(
    'configuration',
    () =>
      'The redirect URI is not a URL. Give a path of this site, such as /signed-in.html, or urn:ietf:wg:oauth:2.0:oob.',
  ),
  'redirect-uri-outside-scope': entry(
    'configuration',
    (f) =>
      `The redirect URI ${f.path ?? ''} is outside the worker's scope ${f.scope ?? ''}. Choose a page inside the scope, or widen the scope.`,
  ),
  'option-invalid': entry(
    'configuration',
    (f) =>
      `The option "${f.field ?? ''}" has a value that is not allowed. See the documentation of this option.`,
  ),
  'seal-missing': entry(
    'configuration',
    () =>
      'Credentials are to be sealed, and the script of the worker came without a seal. Serve it through sealWorkerScript (identity-worker/broker), or choose another persistence.',
  ),
  'registrations-overlap': entry(
    'configuration',
    (f) => `Two registrations own the same URLs at ${at(f)}. Remove one, or narrow its url or resources.`,
  ),
  'portal-not-registered': entry(
    'configuration',
    (f) => `No portal is registered for ${at(f)}. Add it to the portals of the worker.`,
  ),
  'portal-ambiguous': entry(
    'configuration',
    () => 'Several portals are registered. Name the one that is meant by its URL.',
  ),
  'storage-partitioned': entry(
    'configuration',
    () =>
      'The browser keeps what this frame of another site stores apart from the sign-in window. Open the app in a window of its own, or let the page take the code (redirect: "page").',
  ),
  'sign-out-unsupported': entry(
    'configuration',
    (f) => `${at(f)} names no page that ends its own session. The person is signed out of this app only.`,
  ),
  'service-worker-unsupported': entry(
    'configuration',
    () =>
      'This browser offers no service worker here (old browser, private window or policy). Sign-in needs one.',
  ),
  'context-insecure': entry(
    'configuration',
    () => 'Service workers need https or a loopback address. Serve this page over https.',
  ),
  'worker-missing': entry(
    'configuration',
    () =>
      "No service worker is registered for this page. Register the app's worker, or pass its URL to IdentityManager.instance({ worker }).",
  ),
  'worker-script-missing': entry(
    'configuration',
    (f) =>
      `${script(f)} was answered with status ${f.status ?? 'unknown'}. Put the file there, or correct its URL.`,
  ),
  'worker-script-refused': entry(
    'configuration',
    (f) =>
      `The server does not give ${script(f, 'the')} to this browser: it seals it for a cookie. Allow cookies of this site, and register a classic worker: browsers fetch module workers without cookies.`,
  ),
  'worker-script-wrong-type': entry(
    'configuration',
    (f) => `${script(f)} was answered as "${f.mimeType ?? ''}". Serve it as text/javascript.`,
  ),
  'worker-scope-refused': entry(
    'configuration',
    (f) =>
      `${script(f)} may not control ${f.scope ?? 'the wished scope'}. Move it up, or send the header Service-Worker-Allowed with it.`,
  ),
  'worker-blocked': entry(
    'configuration',
    (f) =>
      `The browser refused to load ${script(f, 'the')} by policy. Allow it in worker-src of the page's Content-Security-Policy and in the site settings.`,
  ),
  'worker-script-failed': entry(
    'configuration',
    (f) => `${script(f)} threw while it started. Its message is in the console of the worker.`,
  ),
  'worker-unreachable': entry(
    'connection',
    () =>
      'The worker did not answer. Reload the page; if it stays so, the worker of this site is not an Identity Worker.',
  ),
  'worker-restarted': entry(
    'connection',
    () => 'The worker was stopped while it answered, and again when asked anew. Try once more.',
  ),
  'page-uncontrolled': entry(
    'connection',
    (f) =>
      `The worker is active but does not control this page: it lies outside the scope ${f.scope ?? 'of the worker'}, or the worker may not claim it.`,
  ),
  'protocol-mismatch': entry(
    'connection',
    (f) =>
      `The page speaks protocol ${f.pageVersion ?? '?'}, the worker ${f.workerVersion ?? '?'}. Reload all tabs of this site.`,
  ),
  'page-refused': entry('connection', () => "Only pages of the worker's own origin may talk to it."),
  'internal-error': entry(
    'connection',
    () => 'The worker failed in a way it should not. Please report what led to it.',
  ),
  'authorization-url-unknown': entry(
    'challenge',
    () =>
      'No open sign-in has this authorization URL or state. Start a new sign-in; an answer is taken once.',
  ),
  'code-missing': entry(
    'challenge',
    () => 'The authorization code is empty. Paste the whole code that the portal shows.',
  ),
  'code-reused': entry(
    'challenge',
    () => 'This sign-in was answered before. Start a new sign-in; a code is good once.',
  ),
  'code-refused': entry(
    'challenge',
    (f) =>
      `${at(f)} refused the authorization code (${f.oauthError ?? 'no reason given'}). Start a new sign-in.`,
  ),
  'access-denied': entry('challenge', (f) => `The sign-in to ${at(f)} was declined. Offer to try again.`),
  'challenge-cancelled': entry(
    'challenge',
    (f) => `The sign-in to ${at(f)} was closed before it finished. Offer to try again.`,
  ),
  'login-required': entry(
    'challenge',
    (f) =>
      `${at(f)} signs nobody in without asking, or the browser keeps it from knowing who is there. Offer a button that calls signIn.`,
  ),
  'sign-in-interrupted': entry(
    'challenge',
    (f) =>
      `The worker stopped while it redeemed the code of ${at(f)}. Start a new sign-in; a code is never sent twice.`,
  ),
  'issuer-mismatch': entry(
    'challenge',
    (f) =>
      `The answer to the sign-in does not come from ${at(f)} (RFC 9207). It was refused; start a new sign-in.`,
  ),
  'authorization-failed': entry(
    'portal',
    (f) =>
      `${at(f)} ended the sign-in with an error (${f.oauthError ?? 'unnamed'}). Check the app's registration at the portal.`,
  ),
  'portal-unreachable': entry(
    'portal',
    (f) =>
      `${at(f)} could not be reached, or answered something else than a token. Nothing was lost; try again later. If it never works, check that the portal allows this site's origin.`,
  ),
} satisfies Record<string, Entry>;

/** Every code an {@link IdentityError} can carry. */
export type ErrorCode = keyof typeof catalogue;

/** All codes, in the order of the documentation. */
export const errorCodes = Object.keys(catalogue) as ErrorCode[];

/** Base of everything this library throws. Branch on `code`; the classes only group by who must act. */
export class IdentityError extends Error {
  override readonly name: string = 'IdentityError';
  /**
   * @param code - What happened; stable.
   * @param facts - Origins, statuses and names the message mentions; nothing secret.
   */
  constructor(
    readonly code: ErrorCode,
    readonly facts: Facts = {},
  ) {
    super(catalogue[code].message(facts));
  }
}

/** The integrating developer must change something. */
export class ConfigurationError extends IdentityError {
  override readonly name = 'ConfigurationError';
}
/** The person at the screen must act (again). */
export class ChallengeError extends IdentityError {
  override readonly name = 'ChallengeError';
}
/** The portal said no, or nothing sensible. */
export class PortalError extends IdentityError {
  override readonly name = 'PortalError';
}
/** Page and worker could not talk. */
export class ConnectionError extends IdentityError {
  override readonly name = 'ConnectionError';
}

const classes = {
  configuration: ConfigurationError,
  challenge: ChallengeError,
  portal: PortalError,
  connection: ConnectionError,
} satisfies Record<Group, typeof IdentityError>;

/** Makes the error of the class that belongs to a code. */
export function identityError(code: ErrorCode, facts: Facts = {}): IdentityError {
  return new classes[catalogue[code].group](code, facts);
}

/** Recognises our errors from any realm or second copy of the bundle, where `instanceof` fails. */
export function isIdentityError(error: unknown): error is IdentityError {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    Object.hasOwn(catalogue, error.code)
  );
}

/** An error as a value: Comlink and structured clone drop class and code of thrown ones. */
export interface WireError {
  code: ErrorCode;
  facts: Facts;
}

/** What every call over the channel answers. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: WireError };

/** Turns whatever was thrown into a wire error; what is not ours becomes `internal-error` without its text. */
export function toWireError(error: unknown): WireError {
  return isIdentityError(error)
    ? { code: error.code, facts: error.facts }
    : { code: 'internal-error', facts: {} };
}

/** Makes the thrown class of a wire error; an unknown code (a newer worker) becomes `internal-error`. */
export function fromWireError(wire: WireError): IdentityError {
  return Object.hasOwn(catalogue, wire.code)
    ? identityError(wire.code, wire.facts)
    : identityError('internal-error');
}
