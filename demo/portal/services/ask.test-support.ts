// Sends requests to services without HTTP, for tests.
import { handleService } from './catalogue.js';
import { LayerEdits } from './features/layer-edits.js';
import type { ServiceResponse } from './service-request.js';

export const rootUrl = 'http://portal.test/server/rest/services';

/** Edits of a portal with a clock that stands still. */
export const newEdits = (): LayerEdits => new LayerEdits(() => Date.UTC(2026, 5, 1));

/** Sends a GET request to a path with an optional query string. */
export function ask(pathAndQuery: string, edits = newEdits()): ServiceResponse | undefined {
  const [path = '', query = ''] = pathAndQuery.split('?');
  return handleService({
    path,
    method: 'GET',
    params: new URLSearchParams(query),
    headers: {},
    rootUrl,
    user: 'ana',
    edits,
  });
}

/** The body as bytes. @throws Error where there is no response or it is text. */
export function bytesOf(response: ServiceResponse | undefined): Uint8Array {
  if (!(response?.body instanceof Uint8Array)) throw new Error('Bytes expected.');
  return response.body;
}

/** The body as parsed JSON. @throws Error where there is no response. */
export function jsonOf(response: ServiceResponse | undefined): ReturnType<typeof JSON.parse> {
  if (response === undefined) throw new Error('A response expected.');
  return JSON.parse(
    typeof response.body === 'string' ? response.body : Buffer.from(response.body).toString('utf8'),
  );
}
