/** Everything of this origin that the browser lets the worker see, and whether it controls it. */
import { plainUrl, type ClientInfo } from '../../protocol/client-info.js';

declare const self: ServiceWorkerGlobalScope;

/**
 * Lists the pages, frames and workers of the origin, controlled or not.
 *
 * @param askerId - The page that asks: it is left out, and looks at itself.
 */
export async function listClients(askerId: string): Promise<ClientInfo[]> {
  const [ours, all] = await Promise.all([
    self.clients.matchAll({ type: 'all' }),
    self.clients.matchAll({ type: 'all', includeUncontrolled: true }),
  ]);
  const controlled = new Set(ours.map(({ id }) => id));
  return all
    .filter(({ id }) => id !== askerId)
    .map((client) => ({
      kind: kindOf(client),
      url: plainUrl(client.url),
      isControlled: controlled.has(client.id),
    }));
}

function kindOf(client: Client): ClientInfo['kind'] {
  if (client.type === 'window') return client.frameType === 'nested' ? 'frame' : 'page';
  return client.type === 'sharedworker' ? 'shared-worker' : 'worker';
}
