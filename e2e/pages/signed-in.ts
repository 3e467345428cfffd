/** The callback page of the test app. */
import { IdentityManager, isIdentityError } from 'identity-worker';

// What a script in this page could read, kept for tests.
const KEPT = 'addresses of the callback page';
if (localStorage.getItem(KEPT) !== null)
  localStorage.setItem(
    KEPT,
    [document.URL, document.referrer, ...performance.getEntries().map(({ name }) => name)].join('\n'),
  );

IdentityManager.instance({ worker: '/worker.js' })
  .completeSignIn()
  .catch((error: unknown) => {
    document.body.append(isIdentityError(error) ? error.code : String(error));
  });
