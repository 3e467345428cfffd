/** What the pages of the tests put on their windows. */
import type { IdentityManager, isIdentityError, OAuthCodeRequiredEvent } from 'identity-worker';

declare global {
  interface Window {
    identity: IdentityManager;
    isIdentityError: typeof isIdentityError;
    challenge?: OAuthCodeRequiredEvent;
    outcome?: Promise<string>;
  }
}
