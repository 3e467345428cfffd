import { identity } from './identity.js';

await identity.completeSignIn();
