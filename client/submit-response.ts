/** Hands an authorization response to the worker, whichever page it came to. */
import type { AuthorizationResponse } from '../protocol/authorization-response.js';
import type { Connection } from './connection.js';

/** Submits an authorization response to the worker. */
export async function submitResponse(
  response: AuthorizationResponse,
  connection: Pick<Connection, 'call'>,
): Promise<void> {
  if ('error' in response) await connection.call('submitError', response);
  else await connection.call('submitCode', response, crypto.randomUUID());
}
