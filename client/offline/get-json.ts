/** Reads the descriptions of services. */
import { identityError } from '../../protocol/errors.js';
import { isRecord } from '../../protocol/record.js';
import type { Shape } from './descriptions.js';

/**
 * Requests JSON, signed by the worker as every request of the page.
 *
 * @param isShape - What the caller needs of the object.
 * @throws PortalError `answer-unusable` for everything but such an object without an error; a TypeError where the network fails.
 * @see ArcGIS REST API: Handling errors
 */
export async function getJson<T extends object>(
  url: string,
  isShape: Shape,
  signal: AbortSignal | undefined,
): Promise<T> {
  const response = await fetch(url, signal ? { signal } : {});
  const answer: unknown = await response.json().catch(() => undefined);
  signal?.throwIfAborted();
  if (response.ok && isRecord(answer) && !isRecord(answer['error']) && isShape(answer)) return answer as T;
  throw identityError('answer-unusable', {
    origin: new URL(url, document.baseURI).origin,
    status: response.status,
    mimeType: response.headers.get('content-type') ?? '',
  });
}
