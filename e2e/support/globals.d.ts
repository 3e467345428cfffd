/** What the pages of the tests put on their windows. */
import type * as library from 'identity-worker';
import type { IdentityManager, isIdentityError, OAuthCodeRequiredEvent } from 'identity-worker';
import type { inspect } from '../pages/transparency/page.js';

declare global {
  interface Window {
    identity: IdentityManager;
    isIdentityError: typeof isIdentityError;
    /** All public names. */
    library: typeof library;
    challenge?: OAuthCodeRequiredEvent;
    outcome?: Promise<string>;
    inspect: typeof inspect;
    abort?: () => Promise<unknown>;
  }
}
