/** Answers a message with its precache and its keys, as no real worker does. */
import { clientsClaim } from 'workbox-core/clientsClaim.js';

declare const self: {
  readonly __WB_MANIFEST: unknown;
  readonly __identityWorkerKeys?: unknown;
  skipWaiting: () => Promise<void>;
} & EventTarget;

const precache = self.__WB_MANIFEST;

void self.skipWaiting();
clientsClaim();
self.addEventListener('message', (event) => {
  const [port] = (event as MessageEvent).ports;
  port?.postMessage({ precache, keys: self.__identityWorkerKeys });
});
