/** The callback page: passes the authorization response to the worker, shows the result, closes. */
import { IdentityManager, isIdentityError } from 'identity-worker';
import { byId } from './dom.js';
import './style.css';

const status = byId('status', HTMLParagraphElement);

try {
  const isCompleted = await IdentityManager.instance({ worker: '/worker.js' }).completeSignIn();
  status.textContent = isCompleted
    ? 'You are signed in. You can close this window.'
    : 'Nothing to do here: this page takes the answer to a sign-in.';
} catch (error) {
  status.classList.add('problem');
  status.textContent = isIdentityError(error)
    ? error.message
    : 'The sign-in did not work. Close this window and try again.';
}
