/** The pages, frames and workers of this origin: who is there, and how to send them messages. */
import { PROTOCOL_VERSION, type WorkerMessage } from '../../protocol/messages.js';

type Unversioned<T> = T extends WorkerMessage ? Omit<T, 'version' | 'scope'> : never;

declare const self: ServiceWorkerGlobalScope;

/** Sends a message to one page. */
export function notify(client: Client, message: Unversioned<WorkerMessage>): void {
  client.postMessage({ ...message, version: PROTOCOL_VERSION, scope: self.registration.scope });
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
