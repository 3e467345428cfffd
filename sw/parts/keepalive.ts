/** Lets beacons and keepalive requests of the whole app survive the page that sends them. */

/**
 * A page that goes away takes with it what a worker's listener has looked at and left alone; what is answered lives on.
 * Meant to be the last listener: what another one answers stays its own.
 */
export function carryUnloadTraffic(event: FetchEvent): void {
  if (!event.request.keepalive) return;
  let send: (answer: Promise<Response>) => void = () => undefined;
  try {
    event.respondWith(
      new Promise<Response>((resolve) => {
        send = resolve;
      }),
    );
  } catch {
    // Somebody has answered: sending it again would send it twice.
    return;
  }
  send(fetch(event.request));
}
