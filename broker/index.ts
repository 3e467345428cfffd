/** Public entry for the app's server (`identity-worker/broker`): Web standards only, for Node and edge runtimes alike. */
export { guardCallback } from './callback.js';
export { BrokerError, type BrokerErrorCode } from './errors.js';
export { issueSealCookie } from './issue-cookie.js';
export { sealWorkerScript, type ScriptSource, type SealOptions } from './seal.js';
export type { RefusalCode } from './refusal.js';
export type { Secrets } from './secrets.js';
export { guardWorkers } from './workers.js';
