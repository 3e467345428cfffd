/** The options of the public calls. */
import { identityError } from '../protocol/errors.js';
import { isRecord } from '../protocol/record.js';
import type { SignInParameters } from '../protocol/worker-api.js';
import type { LoginMode } from './login-mode.js';
import type { WordingOptions } from './sign-in/languages.js';
import type { WorkerSource } from './worker-registration.js';

/** Options of {@link IdentityManager.instance}; those of the first call count. */
export interface IdentityManagerOptions extends WorkerSource, WordingOptions {
  /**
   * `popup`: the sign-in page opens in a window. `redirect`: it takes the place of the app's page, and comes back to it.
   * `none`: the app answers every `oauth-code-required` event itself. Default `popup`; `redirect` where windows cannot
   * come back to the app, as in an app on the home screen of an iPhone.
   */
  login?: LoginMode | undefined;
}

/** The portal of a call. */
export interface PortalOption {
  /** URL of the portal, in any of its spellings. May be left out where only one is registered. */
  readonly portal?: string | undefined;
}

/** Options of {@link IdentityManager.signIn}. */
export interface SignInOptions extends PortalOption, SignInParameters {
  /** Ends the wait; the sign-in is then cancelled. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link IdentityManager.signOut}. */
export interface SignOutOptions extends PortalOption {
  /** Ends the portal's own session with this browser too, in a window or in place of this page. Default `false`. */
  readonly portalSession?: boolean | undefined;
}

/**
 * Checks the argument of a call.
 *
 * @throws ConfigurationError `option-invalid` for everything but an object, such as the URL of a portal alone.
 */
export function checkOptions<T>(options: T): T {
  if (isRecord(options)) return options;
  throw identityError('option-invalid', { field: 'options' });
}
