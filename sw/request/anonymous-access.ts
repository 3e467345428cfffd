/** Learns which services show themselves without a sign-in, for requests whose answers cannot be read. */
import type { PortalKind } from '../portals/portal.js';
import { judge } from './classify-response.js';
import { asReadable, type Outgoing } from './replayable-request.js';
import { serviceOf } from './service.js';

/** What is known of services in this boot of the worker. */
export class AnonymousAccess {
  readonly #open = new Map<string, Promise<boolean>>();

  /**
   * Whether a request works without a token. Asked once per service, by a request of the same URL that can be read.
   * A server that forbids reading (CORS) is taken to be open: the page's own request then shows what it shows.
   */
  isOpen(outgoing: Outgoing, kind: PortalKind): Promise<boolean> {
    const key = serviceOf(outgoing.url);
    const known = this.#open.get(key);
    if (known) return known;
    const asking = probe(outgoing, kind);
    this.#open.set(key, asking);
    // Only good news lasts: a closed service is asked again once somebody has signed in or given up.
    void asking.then((isOpen) => isOpen || this.#open.delete(key));
    return asking;
  }
}

async function probe(outgoing: Outgoing, kind: PortalKind): Promise<boolean> {
  try {
    const response = await fetch(asReadable(outgoing).request);
    const verdict = await judge(response, { kind, url: outgoing.url, isSigned: false });
    void response.body?.cancel().catch(() => undefined);
    return verdict === 'fine';
  } catch {
    return true;
  }
}
