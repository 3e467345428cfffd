/** The pages, frames and workers of this origin: who is there, and how to send them messages. */
import { plainUrl, type ClientInfo } from '../../protocol/client-info.js';
import { PROTOCOL_VERSION, type WorkerMessage } from '../../protocol/messages.js';

type Unversioned<T> = T extends WorkerMessage ? Omit<T, 'version'> : never;

declare const self: ServiceWorkerGlobalScope;

/** Sends a message to one page. */
export function notify(client: Client, message: Unversioned<WorkerMessage>): void {
  client.postMessage({ ...message, version: PROTOCOL_VERSION });
}

/** Sends a message to every page of the origin, controlled or not; with `exceptId`, to every other one. */
export async function broadcast(message: Unversioned<WorkerMessage>, exceptId?: string): Promise<void> {
  for (const page of await self.clients.matchAll({ type: 'window', includeUncontrolled: true }))
    if (page.id !== exceptId) notify(page, message);
}

/** Ids of everything of this origin that can make a request: pages, frames and workers. */
export async function clientIds(): Promise<string[]> {
  return (await self.clients.matchAll({ type: 'all', includeUncontrolled: true })).map(({ id }) => id);
}

/** Whether a client still exists. A request of a nested worker has no client id: it is taken to be there. */
export async function isAlive(clientId: string): Promise<boolean> {
  return clientId === '' || (await self.clients.get(clientId)) !== undefined;
}

/**
 * Lists the pages, frames and workers of the origin, controlled or not.
 *
 * @param exceptId - The page that asks: it reports on itself.
 */
export async function listClients(exceptId: string): Promise<ClientInfo[]> {
  const [ours, all] = await Promise.all([
    self.clients.matchAll({ type: 'all' }),
    self.clients.matchAll({ type: 'all', includeUncontrolled: true }),
  ]);
  const controlled = new Set(ours.map(({ id }) => id));
  return all
    .filter(({ id }) => id !== exceptId)
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
