/** Admits messages of its own origin's pages, and answers each call on a port of its own. */
import { expose } from 'comlink';
import { IdentityError } from '../../protocol/identity-error.js';
import { parsePageMessage, PROTOCOL_VERSION, type PortReady } from '../../protocol/messages.js';
import type { WorkerApi } from '../../protocol/worker-api.js';
import type { ClientPresence } from './client-presence.js';
import { waitUntilOf, type WaitUntil } from './wait-until.js';
import { gate } from './port-gate.js';

declare const self: ServiceWorkerGlobalScope;

/** Longest life of a call's port, in ms: a page that connects and never calls must not keep the worker alive. */
const CALL_TIMEOUT_MS = 60_000;

/**
 * Makes the API for one call of the page with this client id.
 *
 * @param refusal - What every call is answered with, for a page of another protocol version.
 */
export type ApiOf = (clientId: string, waitUntil: WaitUntil, refusal: IdentityError | undefined) => WorkerApi;

/** Held while this boot of the worker lives: a page that waits for it learns that the worker was stopped. */
const bootLock = `identity-worker:boot:${crypto.randomUUID()}`;

let bootLockHeld: Promise<void> | undefined;

/** Resolves once the lock is held; it is never released before the worker stops. */
function holdBootLock(): Promise<void> {
  bootLockHeld ??= new Promise((resolve) => {
    void navigator.locks.request(bootLock, () => {
      resolve();
      return new Promise(() => undefined);
    });
  });
  return bootLockHeld;
}

/** Only a window of our own origin is admitted: not a worker, not a foreign page, not a message without a sender. */
export function isOwnPage(source: Client | ServiceWorker | MessagePort | null): source is WindowClient {
  return source instanceof WindowClient && new URL(source.url).origin === self.location.origin;
}

/** Handles a `message` event; never throws. Messages that are not ours are ignored. */
export function handleMessage(event: ExtendableMessageEvent, apiOf: ApiOf, presence: ClientPresence): void {
  const message = parsePageMessage(event.data);
  if (!message || !isOwnPage(event.source)) return;
  switch (message.type) {
    case 'identity:connect': {
      const { version: pageVersion } = message;
      const { id } = event.source;
      let refusal: IdentityError | undefined;
      if (pageVersion !== PROTOCOL_VERSION) {
        presence.markIncompatible(id);
        refusal = new IdentityError('protocol-mismatch', { pageVersion, workerVersion: PROTOCOL_VERSION });
      }
      const port = event.ports[0];
      if (port) event.waitUntil(answerCall(port, apiOf(id, waitUntilOf(event), refusal)));
      return;
    }
    case 'identity:claim':
      // A hard-reloaded page has no controller until the worker claims it; an inactive worker may not.
      event.waitUntil(self.clients.claim().catch(() => undefined));
      return;
    case 'identity:ping':
      // The event itself keeps the worker alive while the user signs in.
      if (message.version === PROTOCOL_VERSION) presence.markSeen(event.source.id);
      else presence.markIncompatible(event.source.id);
      return;
    case 'identity:skip-waiting':
      // From a page of this version, which cannot work with the one before: see client/worker-update.ts.
      if (message.version === PROTOCOL_VERSION) event.waitUntil(self.skipWaiting());
      return;
  }
}

async function answerCall(port: MessagePort, api: WorkerApi): Promise<void> {
  await holdBootLock();
  const { endpoint, answered } = gate(port, Object.keys(api));
  expose(api, endpoint);
  const ready: PortReady = { type: 'identity:port-ready', version: PROTOCOL_VERSION, lock: bootLock };
  port.postMessage(ready);
  await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, CALL_TIMEOUT_MS))]);
}
