/**
 * Public entry for Vite: sets up the worker, the callback page and the sealing of an app, in development and in production.
 *
 * @module identity-worker/vite
 */
export type { PortalData } from './data-worker.js';
export { identityWorker, type IdentityWorkerPluginOptions } from './plugin.js';
export { sealedWorker, type SealedWorkerOptions, type SealingOptions } from './sealing.js';
