/** What the pages of the tests put on their windows. */
import type { IdentityManager, isIdentityError, OAuthCodeRequiredEvent } from 'identity-worker';
import type { inspect } from '../pages/transparency/page.js';

declare global {
  interface Window {
    identity: IdentityManager;
    isIdentityError: typeof isIdentityError;
    challenge?: OAuthCodeRequiredEvent;
    outcome?: Promise<string>;
    inspect: typeof inspect;
    abort?: () => Promise<unknown>;
  }
}
