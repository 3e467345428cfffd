import { IdentityManager } from 'identity-worker';

await IdentityManager.instance({ worker: '/worker.js' }).completeSignIn();
