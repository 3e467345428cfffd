import type { IdentityManager, isIdentityError } from 'identity-worker';

declare global {
  interface Window {
    identity: IdentityManager;
    isIdentityError: typeof isIdentityError;
  }
}
