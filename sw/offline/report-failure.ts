/** Reports that Cache Storage fails, in the console of the worker. */
import { IdentityError } from '../../protocol/identity-error.js';
import { redactError } from '../../protocol/redact-error.js';

declare const self: ServiceWorkerGlobalScope;

let isReported = false;

/** Once a start of the worker: a disk that is full is full for every answer. The request that met it goes on. */
export function reportFailure(error: unknown): void {
  if (isReported) return;
  isReported = true;
  const name = (error instanceof IdentityError && error.facts.name) || redactError(error).name;
  self.reportError(new IdentityError('cache-unavailable', { name }));
}
