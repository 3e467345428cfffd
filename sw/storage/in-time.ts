/** A time limit for storage: browsers may never answer a call. */
import { IdentityError } from '../../protocol/identity-error.js';
import { elapsed } from './elapsed.js';

/** @throws IdentityError `storage-unavailable` where the answer has not come within the limit; what the call throws. */
export const inTime = <T>(call: Promise<T>, limitMs: number): Promise<T> =>
  Promise.race([
    call,
    elapsed(limitMs).then(() => {
      throw new IdentityError('storage-unavailable', { name: 'TimeoutError' });
    }),
  ]);
