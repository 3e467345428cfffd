/** A page with the element that signs in and out. */
import 'identity-worker/account';
import { IdentityManager } from 'identity-worker';

window.identity = IdentityManager.instance({ worker: '/worker.js' });
