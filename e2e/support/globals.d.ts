/** What the pages of the tests put on their windows. */
import type { IdentityManager, isIdentityError, OAuthCodeRequiredEvent } from 'identity-worker';
import type { look } from '../pages/transparency/page.js';

declare global {
  interface Window {
    identity: IdentityManager;
    isIdentityError: typeof isIdentityError;
    challenge?: OAuthCodeRequiredEvent;
    outcome?: Promise<string>;
    look: typeof look;
    abort?: () => Promise<unknown>;
  }
}
