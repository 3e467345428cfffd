/** Sends a request with a token, in the form that its server takes and its page cannot tell from its own. */
import type { Portal } from '../portals/portal.js';
import { judge } from './classify-response.js';
import { asReadable, type Outgoing } from './replayable-request.js';
import { canBeSigned, isBetterRead, place, placeInHeader, type Placed } from './attach-token.js';
import { NetworkFailure, sendPlain, sendReadable, sendSigned } from './send-request.js';

export class SignedRequests {
  /** Origins that answered no preflight for a token in a header, and took it in a query. */
  readonly #withoutHeader = new Set<string>();

  /** @throws {@link NetworkFailure} or an AbortError where the page would have met one. */
  async send(token: string, outgoing: Outgoing, portal: Portal): Promise<Response> {
    if (isBetterRead(outgoing, portal)) {
      try {
        return await this.#send(token, asReadable(outgoing), portal);
      } catch (error) {
        // A server that forbids reading (CORS) gets what a no-cors request can carry.
        if (!(error instanceof NetworkFailure)) throw error;
      }
    }
    return canBeSigned(outgoing, portal) ? this.#send(token, outgoing, portal) : sendPlain(outgoing);
  }

  /** Sends a no-cors request in a form that can be read, for us only, with the token where the page's own request will have it. */
  async trial(token: string, outgoing: Outgoing, portal: Portal): Promise<Response> {
    return sendReadable(this.#place(token, outgoing, portal));
  }

  async #send(token: string, outgoing: Outgoing, portal: Portal): Promise<Response> {
    const placed = this.#place(token, outgoing, portal);
    const retryInHeader = (): Request => placeInHeader(outgoing, token, { mode: 'cors' });
    try {
      return await sendSigned(outgoing, placed, retryInHeader);
    } catch (error) {
      const mayTakeQuery =
        error instanceof NetworkFailure &&
        placed.placement === 'header' &&
        portal.kind === 'arcgis' &&
        isRepeatable(outgoing);
      if (!mayTakeQuery) throw error;
      return this.#sendWithoutHeader(token, outgoing, portal, error);
    }
  }

  /** A preflight that failed looks like a network that failed: which of them it was shows when the query passes. */
  async #sendWithoutHeader(
    token: string,
    outgoing: Outgoing,
    portal: Portal,
    failure: NetworkFailure,
  ): Promise<Response> {
    const inHeader = (): Request => placeInHeader(outgoing, token, { mode: 'cors' });
    try {
      // The network may just have dropped it.
      return await sendSigned(outgoing, this.#place(token, outgoing, portal), inHeader);
    } catch {
      const { url } = outgoing;
      const response = await sendSigned(outgoing, place(outgoing, token, withQuery(portal)), inHeader);
      if ((await judge(response, { kind: portal.kind, url, isSigned: true })) !== 'fine') {
        void response.body?.cancel().catch(() => undefined);
        throw failure;
      }
      this.#withoutHeader.add(url.origin);
      return response;
    }
  }

  #place(token: string, outgoing: Outgoing, portal: Portal): Placed {
    const isWithout = this.#withoutHeader.has(outgoing.url.origin);
    return place(outgoing, token, isWithout ? withQuery(portal) : portal);
  }
}

const withQuery = (portal: Portal): Portal => ({ ...portal, tokenPlacement: 'auto' });

/** Only what changes nothing at the server is sent again; a page that forbids redirects has had its answer. */
const isRepeatable = ({ request: { method, redirect } }: Outgoing): boolean =>
  (method === 'GET' || method === 'HEAD') && redirect !== 'error';
