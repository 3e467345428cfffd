/** Asks a service whether it is public, for a request whose own response cannot be read. */
import type { Portal } from '../portals/portal.js';
import { classifyResponse } from './classify-response.js';
import { asReadable, type ReplayableRequest } from './replayable-request.js';
import { discard } from './send-request.js';

/** Longest wait for the service, in ms: the other pictures of it wait behind this one. */
const PROBE_TIMEOUT_MS = 3_000;

/**
 * A server that forbids reading (CORS) cannot be told from a network that fails: the page's own request then shows what it shows.
 * Neither can one in trouble, or a captive portal in its place, say that it is public.
 *
 * @returns `undefined` where the service itself did not answer, `late` where it may do so yet.
 */
export async function probeAnonymously(
  replayable: ReplayableRequest,
  { kind, refusalStatuses }: Portal,
): Promise<boolean | undefined | 'late'> {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  try {
    const response = await fetch(asReadable(replayable).request, { signal });
    const sent = { kind, refusalStatuses, url: replayable.url, isSigned: false };
    const status = await classifyResponse(response, sent);
    discard(response);
    if (status !== 'ok') return false;
    const isContent = response.ok && !/html/i.test(response.headers.get('content-type') ?? '');
    return isContent || undefined;
  } catch {
    return signal.aborted ? 'late' : undefined;
  }
}
