/** The callback page of our worker. */
import { IdentityManager } from 'identity-worker';

await IdentityManager.instance({ worker: '/identity-worker.js' }).completeSignIn();
