/** The options that all kinds of portal share, and their checks. */
import type { Facts } from '../../protocol/error-codes.js';
import { ConfigurationError } from '../../protocol/identity-error.js';
import { isRecord } from '../../protocol/record.js';
import { OUT_OF_BAND, parsePortalUrl, parseRedirectUri } from '../../protocol/registration.js';
import type { Persistence } from '../storage/persistence.js';
import type { Allowance, CallbackHandler, Portal, TokenPlacement } from './portal.js';
import { isUnder, readPortalUrl, type PortalUrl } from './portal-url.js';

/** Options of every kind of portal that say how its tokens are kept and used. */
export interface SharedOptions {
  /**
   * Page the portal sends the user back to, absolute or relative to the worker's scope; or `urn:ietf:wg:oauth:2.0:oob`. With
   * {@link callbackPage} an address of another origin.
   */
  redirectUri: string;
  /**
   * How credentials are kept. Default `persistent`: encrypted, which protects a copied profile and not against hostile
   * script of the same origin; `sealed` does, and wants the app's server to serve the worker's script through
   * `sealWorkerScript`; `memory` keeps nothing when the worker stops.
   */
  persistence?: Persistence;
  /**
   * Who takes the authorization code. Default `page`: the page at the redirect URI, by `completeSignIn`. `worker`: the
   * worker itself, so that hostile script cannot read a code there; the server should guard the page with `guardCallback`,
   * and the page has no other purpose.
   */
  callback?: CallbackHandler;
  /**
   * Page of the app that ends sign-ins, where `redirectUri` is at an origin of its own, whose server posts the response on with
   * `formPostResponse`: no address of the app's origin ever holds a code, whatever hostile script does. Needs `callback: 'worker'`.
   */
  callbackPage?: string;
  /** Narrows what is signed. Default: everything that the registration matches. */
  allow?: Allowance;
}

/** An option whose value cannot be used. */
export const optionInvalid = (facts: Facts): ConfigurationError =>
  new ConfigurationError('option-invalid', facts);

/**
 * Checks the options that all kinds of portal share.
 *
 * @param scope - The worker's scope, absolute.
 * @throws ConfigurationError `option-invalid`, `redirect-uri-invalid`, `redirect-uri-outside-scope`, `portal-url-invalid`, `portal-insecure`.
 */
export function parseShared(
  options: SharedOptions,
  scope: string,
): Pick<Portal, 'persistence' | 'callback' | 'callbackPage' | 'allow' | 'allows' | 'redirectUri'> {
  const { persistence = 'persistent', callback = 'page', callbackPage } = options;
  const allow = parseAllowance(options.allow);
  if (persistence !== 'memory' && persistence !== 'persistent' && persistence !== 'sealed')
    throw optionInvalid({ field: 'persistence' });
  if (callback !== 'page' && (callback !== 'worker' || options.redirectUri === OUT_OF_BAND))
    throw optionInvalid({ field: 'callback' });
  return {
    persistence,
    callback,
    allow,
    ...(allow && { allows: (request, url) => isAllowed(request, url, allow) }),
    ...(callbackPage === undefined
      ? { redirectUri: resolveRedirectUri(options.redirectUri, scope) }
      : parseElsewhere(options, scope)),
  };
}

/** The redirect URI at another origin, and the page that it leads to. */
function parseElsewhere(
  { redirectUri, callback, callbackPage }: SharedOptions,
  scope: string,
): Pick<Portal, 'callbackPage' | 'redirectUri'> {
  const page = parseRedirectUri(callbackPage, scope);
  const elsewhere = parsePortalUrl(redirectUri, 'redirectUri');
  if (callback !== 'worker' || page === OUT_OF_BAND || elsewhere.origin === new URL(scope).origin)
    throw optionInvalid({ field: 'callbackPage' });
  return { callbackPage: page, redirectUri: elsewhere.href };
}

let resolved: { readonly value: unknown; readonly scope: string; readonly redirectUri: string } | undefined;

/** Most apps have one redirect URI for all registrations, and parsing it a thousand times would delay the worker's start. */
function resolveRedirectUri(value: unknown, scope: string): string {
  if (resolved?.value !== value || resolved?.scope !== scope)
    resolved = { value, scope, redirectUri: parseRedirectUri(value, scope) };
  return resolved.redirectUri;
}

/** Checks a list of URL prefixes. */
export function parsePrefixes(values: readonly string[] | undefined, field: string): PortalUrl[] {
  if (values === undefined) return [];
  if (!Array.isArray(values)) throw optionInvalid({ field });
  return values.map((value) => readPortalUrl(value, field));
}

/** Checks a token placement. */
export function parseTokenPlacement(value: unknown): TokenPlacement {
  if (value === undefined) return 'auto';
  if (value === 'auto' || value === 'header' || value === 'query' || value === 'form') return value;
  throw optionInvalid({ field: 'tokenPlacement' });
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

/** Whether a registration lets a request be signed. */
export function isAllowed(
  { method }: { method: string },
  { pathname }: URL,
  allow: Allowance | undefined,
): boolean {
  const { methods, paths } = allow ?? {};
  return (
    (methods === undefined || methods.includes(method)) &&
    (paths === undefined || paths.some((prefix) => isUnder(pathname, prefix)))
  );
}

/** Statuses by which APIs ask for a token or reject one. */
export function parseStatuses(value: unknown): readonly number[] | undefined {
  if (value === undefined) return undefined;
  const isStatus = (status: unknown): boolean =>
    Number.isInteger(status) && Number(status) >= 400 && Number(status) < 500;
  if (!Array.isArray(value) || value.length === 0 || !value.every(isStatus))
    throw optionInvalid({ field: 'refusalStatuses' });
  return value as number[];
}

/** What an id adds to the issuer in a portal's URL. */
export function parseId(id: unknown): string {
  if (id === undefined) return '';
  if (typeof id !== 'string' || !/^[\w-]+$/.test(id)) throw optionInvalid({ field: 'id' });
  return `#${id}`;
}
