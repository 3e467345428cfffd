/** Public entry for a worker that carries only what it uses (`identity-worker/sw/core`): no part but those named in `parts`. */
export { IdentityWorker, type IdentityWorkerOptions } from './identity-worker.js';
export * from './registrations.js';
export { activity } from './parts/activity.js';
export { federation } from './parts/federation.js';
export { keepalive } from './parts/keepalive.js';
export { redirectReturn } from './parts/redirect-return.js';
export { sealedLevel } from './parts/sealed-level.js';
export { staticRoutes } from './parts/static-routes.js';
export { strictCallback } from './parts/strict-callback.js';
export { webTier } from './parts/web-tier.js';
export type { WorkerPart } from './worker-part.js';
