/** Tells a page of the other pages, frames and workers of the origin: what `inspectClients` reports on. */
import { plainUrl, type ClientInfo } from '../../protocol/client-info.js';
import type { WorkerPart } from '../worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/** The part. */
export const clientList = (): WorkerPart => ({ name: 'client-list', listClients });

/**
 * Lists the pages, frames and workers of the origin, controlled or not.
 *
 * @param exceptId - The page that asks: it reports on itself.
 */
async function listClients(exceptId: string): Promise<ClientInfo[]> {
  const [ours, all] = await Promise.all([
    self.clients.matchAll({ type: 'all' }),
    self.clients.matchAll({ type: 'all', includeUncontrolled: true }),
  ]);
  const controlled = new Set(ours.map(({ id }) => id));
  return (
    all
      // Firefox lists this worker too.
      .filter(({ id, url }) => id !== exceptId && url !== self.location.href)
      .map((client) => ({
        kind: kindOf(client),
        url: plainUrl(client.url),
        isControlled: controlled.has(client.id),
      }))
  );
}

function kindOf(client: Client): ClientInfo['kind'] {
  if (client.type === 'window') return client.frameType === 'nested' ? 'frame' : 'page';
  return client.type === 'sharedworker' ? 'shared-worker' : 'worker';
}
