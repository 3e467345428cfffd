/// <reference types="vite/client" />
import { IdentityManager } from 'identity-worker';

// The address and the type of the worker depend on the configuration.
export const identity = IdentityManager.instance({
  worker: import.meta.env['VITE_WORKER'],
  type: import.meta.env['VITE_WORKER_TYPE'],
});
