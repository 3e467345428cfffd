/** What a page knows of itself while the chunk that inspects clients is missing. */
import { identityError, isIdentityError } from '../protocol/errors.js';
import type { ClientReport } from './inspect-clients.js';
import { serviceWorkers } from './worker-registration.js';

/** @param error - Why the chunk is missing. */
export function ownPageReport(error: unknown): ClientReport {
  const { code, message } = isIdentityError(error) ? error : identityError('internal-error');
  return {
    kind: window.parent === window ? 'page' : 'frame',
    url: location.origin + location.pathname,
    isControlled: isControlled(),
    reason: code,
    message,
  };
}

function isControlled(): boolean {
  try {
    return serviceWorkers().controller !== null;
  } catch {
    return false;
  }
}
