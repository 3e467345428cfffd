/** What the pages of the tests put on their windows. */
import type * as library from 'identity-worker';
import type { IdentityManager, isIdentityError, OAuthCodeRequiredEvent } from 'identity-worker';
import type { look } from './pages/transparency/page.js';

declare global {
  interface Window {
    identity: IdentityManager;
    isIdentityError: typeof isIdentityError;
    /** All public names. */
    library: typeof library;
    challenge?: OAuthCodeRequiredEvent;
    outcome?: Promise<string>;
    look: typeof look;
    abort?: () => Promise<unknown>;
  }
}
