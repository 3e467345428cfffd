/** The pages of this origin: which one to ask, and how to tell them all. */
import { readOutcome } from '../../protocol/callback-outcome.js';
import { PROTOCOL_VERSION, type WorkerMessage } from '../../protocol/messages.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import type { Audience } from '../rpc/client-presence.js';

type Unversioned<T> = T extends WorkerMessage ? Omit<T, 'version'> : never;

declare const self: ServiceWorkerGlobalScope;

/** Sends a message to one page. */
export function tell(client: Client, message: Unversioned<WorkerMessage>): void {
  client.postMessage({ ...message, version: PROTOCOL_VERSION });
}

/** Sends a message to every page of the origin, controlled or not; with `exceptId`, to every other one. */
export async function tellAll(message: Unversioned<WorkerMessage>, exceptId?: string): Promise<void> {
  for (const page of await self.clients.matchAll({ type: 'window', includeUncontrolled: true }))
    if (page.id !== exceptId) tell(page, message);
}

/** Ids of everything of this origin that can make a request: pages, frames and workers. */
export async function clientIds(): Promise<string[]> {
  return (await self.clients.matchAll({ type: 'all', includeUncontrolled: true })).map(({ id }) => id);
}

/** Whether a client still exists. A request of a nested worker has no client id: it is taken to be there. */
export async function isAlive(clientId: string): Promise<boolean> {
  return clientId === '' || (await self.clients.get(clientId)) !== undefined;
}

/** Whether a page was opened with an answer of the portal, or to close; the same page otherwise may be the app itself. */
function isCallback({ origin, pathname, searchParams }: URL, redirectUri: string): boolean {
  const isOpenedToClose = searchParams.has('state') || readOutcome(searchParams) !== undefined;
  return redirectUri !== OUT_OF_BAND && origin + pathname === redirectUri && isOpenedToClose;
}

/** The pages that may be asked. One of another version would not understand, and the callback page closes. */
async function askablePages(audience: Audience, redirectUri: string): Promise<WindowClient[]> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return windows.filter(({ id, url }) => !audience.isStranger(id) && !isCallback(new URL(url), redirectUri));
}

/**
 * The page to ask for a sign-in: the one whose request met the wall, else the focused, else a visible, else any page.
 *
 * @param askerId - Client id of the request; a worker or a frame is represented by a top-level page.
 * @param audience - A page that has spoken to this worker can answer; one that speaks another version is not asked.
 * @param redirectUri - The callback page is never asked: it closes.
 */
export async function choosePage(
  askerId: string,
  audience: Audience,
  redirectUri: string,
): Promise<WindowClient | undefined> {
  const rank = (page: WindowClient): number =>
    (page.id === askerId ? 16 : 0) +
    (audience.isConnected(page.id) ? 8 : 0) +
    (page.frameType !== 'nested' ? 4 : 0) +
    (page.focused ? 2 : 0) +
    (page.visibilityState === 'visible' ? 1 : 0);
  return (await askablePages(audience, redirectUri)).sort((a, b) => rank(b) - rank(a))[0];
}

/**
 * The page to ask in place of one that was asked and has fallen silent.
 *
 * @returns Id of a visible page that can answer; `undefined` where there is none, or where the silent one is in sight.
 */
export async function standIn(
  silentId: string,
  audience: Audience,
  redirectUri: string,
): Promise<string | undefined> {
  const pages = await askablePages(audience, redirectUri);
  const visible = pages.filter(({ visibilityState }) => visibilityState === 'visible');
  if (visible.some(({ id }) => id === silentId)) return undefined;
  return visible.find(({ id, frameType }) => audience.isConnected(id) && frameType !== 'nested')?.id;
}
