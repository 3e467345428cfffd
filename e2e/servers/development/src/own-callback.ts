import { IdentityManager } from 'identity-worker';
import { type, worker } from 'virtual:identity-worker';

await IdentityManager.instance({ worker, type }).completeSignIn();
