import 'identity-worker/account';
import { IdentityManager } from 'identity-worker';

IdentityManager.instance({ worker: '/worker.js' });
