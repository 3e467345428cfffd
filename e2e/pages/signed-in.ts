/** The callback page of the test app. */
import { IdentityManager, isIdentityError } from 'identity-worker';

IdentityManager.instance({ worker: '/worker.js' })
  .completeSignIn()
  .catch((error: unknown) => {
    document.body.append(isIdentityError(error) ? error.code : String(error));
  });
