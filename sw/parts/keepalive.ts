/** Lets beacons and keepalive requests of the whole app outlive the page that sends them. */
import type { WorkerPart } from '../worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/** The part. Its listener comes after those that the worker's script adds, so that what another one answers stays its own. */
export const keepalive = (): WorkerPart => ({
  name: 'keepalive',
  listen: () => queueMicrotask(() => self.addEventListener('fetch', handleKeepalive)),
});

/** A request that the worker's listeners have left alone ends with its page; one that is answered does not. */
function handleKeepalive(event: FetchEvent): void {
  if (!event.request.keepalive) return;
  let send: (response: Promise<Response>) => void = () => undefined;
  try {
    event.respondWith(
      new Promise<Response>((resolve) => {
        send = resolve;
      }),
    );
  } catch {
    // Another listener has answered: sending it again would send it twice.
    return;
  }
  send(fetch(event.request));
}
