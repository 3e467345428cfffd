/**
 * Word of sign-outs, for the next start of every worker of the origin. In Cache Storage: page script can hold a transaction open
 * on a database for as long as it likes, and keep a sign-out from being written there.
 */
declare const self: ServiceWorkerGlobalScope;

const CACHE = 'identity-worker:sign-outs';

/** An address that is no page's: apps look for theirs in all caches, some of them without the query. */
const addressOf = (portal: string): string =>
  new URL(`/${CACHE}?portal=${encodeURIComponent(portal)}`, self.location.origin).href;

/** Notes that the user has signed out of a portal now. */
export async function noteSignOut(portal: string): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(addressOf(portal), new Response(String(Date.now())));
}

/**
 * When users signed out last.
 *
 * @returns Instants in ms since the epoch, by portal. Page script may have written them: it can sign the user out anyway.
 */
export async function signOutNotes(): Promise<ReadonlyMap<string, number>> {
  const notes = new Map<string, number>();
  if (!(await caches.has(CACHE))) return notes;
  const cache = await caches.open(CACHE);
  for (const request of await cache.keys()) {
    const portal = new URL(request.url).searchParams.get('portal');
    const text = await (await cache.match(request))?.text();
    // After a clock that was set back, a sign-in of now would look older than a sign-out before it.
    if (portal !== null && text) notes.set(portal, Math.min(Number(text) || 0, Date.now()));
  }
  return notes;
}
