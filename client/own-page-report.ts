/** What a page knows of itself while the chunk that inspects clients is missing. */
import type { IdentityError } from '../protocol/errors.js';
import type { ClientReport } from './inspect-clients.js';

/** @param error - Why the chunk is missing. */
export const ownPageReport = (isControlled: boolean, { code, message }: IdentityError): ClientReport => ({
  kind: window.parent === window ? 'page' : 'frame',
  url: location.origin + location.pathname,
  isControlled,
  reason: code,
  message,
});
