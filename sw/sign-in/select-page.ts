/** Which page shows a sign-in to the user. */
import { readOutcome } from '../../protocol/callback-outcome.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import type { ClientPresence } from '../rpc/client-presence.js';

declare const self: ServiceWorkerGlobalScope;

/** Whether a page was opened with an authorization response, or to close; at the same address there may be the app itself. */
function isCallback({ origin, pathname, searchParams }: URL, redirectUri: string): boolean {
  const isOpenedToClose = searchParams.has('state') || readOutcome(searchParams) !== undefined;
  return redirectUri !== OUT_OF_BAND && origin + pathname === redirectUri && isOpenedToClose;
}

/** The pages that can be prompted: not those of another protocol version, and not the callback page, which closes. */
async function candidates(presence: ClientPresence, redirectUri: string): Promise<WindowClient[]> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return windows.filter(
    ({ id, url }) => !presence.isIncompatible(id) && !isCallback(new URL(url), redirectUri),
  );
}

/**
 * The page to prompt: the one whose request needs the sign-in, else the focused, else a visible, else any page.
 *
 * @param clientId - Of the request; a worker or a frame is represented by a top-level page.
 * @param redirectUri - The callback page is never prompted: it closes.
 */
export async function selectPage(
  clientId: string,
  presence: ClientPresence,
  redirectUri: string,
): Promise<WindowClient | undefined> {
  const rank = (page: WindowClient): number =>
    (page.id === clientId ? 16 : 0) +
    (presence.isSeen(page.id) ? 8 : 0) +
    (page.frameType !== 'nested' ? 4 : 0) +
    (page.focused ? 2 : 0) +
    (page.visibilityState === 'visible' ? 1 : 0);
  return (await candidates(presence, redirectUri)).sort((a, b) => rank(b) - rank(a))[0];
}

/**
 * The page to prompt in place of one that was prompted and has become unresponsive.
 *
 * @returns Id of a visible page that can show a sign-in; `undefined` where there is none, or where the unresponsive one is visible.
 */
export async function findReplacementPage(
  unresponsiveId: string,
  presence: ClientPresence,
  redirectUri: string,
): Promise<string | undefined> {
  const pages = await candidates(presence, redirectUri);
  const visible = pages.filter(({ visibilityState }) => visibilityState === 'visible');
  if (visible.some(({ id }) => id === unresponsiveId)) return undefined;
  return visible.find(({ id, frameType }) => presence.isSeen(id) && frameType !== 'nested')?.id;
}
