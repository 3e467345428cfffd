/** The callback page of the contender with our worker. */
import { IdentityManager } from 'identity-worker';

await IdentityManager.instance({ worker: '/identity-worker.js' }).completeSignIn();
