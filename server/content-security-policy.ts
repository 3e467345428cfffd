/** Content-Security-Policy for the pages and the worker of an app: what the library needs, and nothing that helps hostile script. */
import { ServerConfigurationError } from './errors.js';

/** Options of {@link contentSecurityPolicy}. */
export interface ContentSecurityPolicyOptions {
  /**
   * Portals and servers that pages and worker send requests to, by URL or origin, such as `https://gis.example.org/portal` or
   * `https://*.arcgis.com`.
   */
  portals: readonly string[];
  /**
   * What pages may show in frames: for `signIn({ silent: true })` the portals' sign-in pages and, where the redirect URI is at an
   * origin of its own, that. Default: no frames at all, which ends attacks that run a sign-in in a hidden one.
   */
  frames?: readonly string[];
  /** Names of the app's own Trusted Types policies, beside `identity-worker`; `false` for apps that are not ready for Trusted Types. */
  trustedTypes?: readonly string[] | false;
  /** Directives of the app's own for pages, in place of these, such as `{ 'style-src': "'self' 'unsafe-inline'" }`. */
  directives?: Readonly<Record<string, string>>;
}

/** The values of two headers. */
export interface ContentSecurityPolicies {
  /**
   * For every response of the app's origin: pages, files and errors. Script of a page could show one without a policy in a window,
   * and do there what its own page may not.
   */
  readonly page: string;
  /** For the worker's script. It reports nothing: a report would hold the address of a signed request. */
  readonly worker: string;
}

/** Scheme, host, perhaps with a wildcard in front, and port of a URL (CSP3 §2.3.1, host-source). */
const source = /^https?:\/\/(?:\*\.)?(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:]+\])(?::(?:\d+|\*))?(?=\/|$)/i;

/** One directive's name and value, without what would begin another one. */
const directive = /^[a-z-]+ [^;,\r\n]*$/;

/**
 * Makes policies.
 *
 * @throws {@link ServerConfigurationError} `policy-invalid`, immediately, for what is no origin or no directive.
 * @see Content Security Policy Level 3; Trusted Types
 */
export function contentSecurityPolicy({
  portals,
  frames = [],
  trustedTypes = [],
  directives = {},
}: ContentSecurityPolicyOptions): ContentSecurityPolicies {
  const servers = sources(portals);
  const framed = sources(frames);
  const page: Record<string, string> = {
    'default-src': "'self'",
    'script-src': "'self'",
    'worker-src': "'self'",
    'img-src': `'self' data: blob: ${servers}`,
    'connect-src': `'self' ${servers}`,
    // A silent sign-in ends in a frame of the app's own callback page.
    'frame-src': framed === '' ? "'none'" : `'self' ${framed}`,
    'frame-ancestors': framed === '' ? "'none'" : "'self'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'self'",
    ...(trustedTypes === false
      ? {}
      : {
          'require-trusted-types-for': "'script'",
          'trusted-types': ['identity-worker', ...trustedTypes].join(' '),
        }),
    ...directives,
  };
  return {
    page: write(page),
    worker: write({ 'default-src': "'none'", 'script-src': "'self'", 'connect-src': `'self' ${servers}` }),
  };
}

const sources = (urls: readonly string[]): string =>
  [
    ...new Set(
      urls.map((url) => {
        const [origin] = source.exec(url) ?? [];
        if (origin === undefined) throw new ServerConfigurationError('policy-invalid');
        return origin;
      }),
    ),
  ].join(' ');

function write(directives: Readonly<Record<string, string>>): string {
  const texts = Object.entries(directives).map(([name, value]) => `${name} ${value}`.trim());
  if (!texts.every((text) => directive.test(`${text} `)))
    throw new ServerConfigurationError('policy-invalid');
  return texts.join('; ');
}
