/** The error for wrong options of the server's handlers. It is thrown when a handler is made, before the first request. */

/** Code → what to do. Codes are public API: renaming one is a breaking change, rewording is not. No text contains a part of a secret. */
const catalogue = {
  'secret-missing':
    'No secret is configured. Make one with "openssl rand -base64 32" and pass it as the option "secrets"; there is no default.',
  'secret-malformed':
    'A secret is not base64 or base64url text. Make one with "openssl rand -base64 32"; a password or phrase is not one.',
  'secret-too-short':
    'A secret has less than 32 bytes. Make one with "openssl rand -base64 32"; the length counts after base64 is decoded.',
  'secret-weak':
    'A secret repeats a few bytes, as a placeholder does. Make one with "openssl rand -base64 32".',
  'secret-duplicate':
    'The same secret is listed twice. List the current secret first, then each older one once.',
  'path-invalid':
    'The option "path" is not the path of a URL as browsers write it. Give one such as /worker.js, without origin, query or "..".',
  'callback-page-invalid':
    'The option "callbackPage" is not the URL of a page. Give one such as https://app.example.org/signed-in.html, without query and fragment.',
  'policy-invalid':
    'The options of contentSecurityPolicy hold something that is no origin, such as https://gis.example.org or https://*.arcgis.com, or no directive.',
  'account-invalid':
    'An account of the app has no URL, client id or client secret that can be used. Give all three, the URLs with https; an environment variable that is not set is the usual cause.',
  'proxy-invalid':
    'The options of appProxy cannot be used. "path" and "to" end with a slash, "to" is https, and every entry of "allow" has a path below "to" and methods that are not TRACE or CONNECT.',
  'limit-invalid': 'The option "perMinute" is not a number above 0.',
  'scope-invalid':
    'The option "scope" is not a scope of this origin. Give a path such as / or /app/, without origin and fragment.',
  'vite-worker-unnamed':
    'Neither "worker" nor "portals" is given to identityWorker(), or both are. Give the source of the app\'s own worker, or portals, for which it writes one.',
  'vite-worker-missing':
    'There is no file at the path of the option "worker". Give it from the root of Vite, such as src/sw.ts.',
  'vite-script-invalid':
    'The option "script" is not the name of a file. The worker lies at the base of the app, because its folder is what it controls.',
  'vite-worker-unbuilt':
    'No worker of this name is built by vite-plugin-pwa. Give it the same source as identityWorker() (strategies: "injectManifest", srcDir and filename), or name its file in the option "script".',
  'vite-worker-foreign':
    'The worker that vite-plugin-pwa has built has no IdentityWorker in it. Have it build the source of the option "worker" (strategies: "injectManifest", srcDir and filename): a page has one worker, and its own (generateSW) signs nothing.',
  'vite-development-worker':
    'A module, which vite-plugin-pwa serves as the worker in development, gets no keys: browsers fetch modules without cookies. Leave its devOptions off; identityWorker() serves the worker in development.',
} as const;

/** Every code a {@link ServerConfigurationError} can carry. */
export type ServerConfigurationErrorCode = keyof typeof catalogue;

/** All codes, in the order of docs/server.md. */
export const serverConfigurationErrorCodes = Object.keys(catalogue) as ServerConfigurationErrorCode[];

/** The developer or operator of the app's server must change an option. Branch on `code`. */
export class ServerConfigurationError extends Error {
  override readonly name = 'ServerConfigurationError';

  /**
   * @param code - Stable code of the wrong option.
   * @param value - What was given, where it is no secret.
   */
  constructor(
    readonly code: ServerConfigurationErrorCode,
    value?: string,
  ) {
    super(value === undefined ? catalogue[code] : `${value}: ${catalogue[code]}`);
  }
}
