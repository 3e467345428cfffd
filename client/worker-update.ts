/** Lets a new version of the worker in, where page and worker do not understand each other. */
import { PROTOCOL_VERSION, SIGN_IN_LOCK, type PageMessage } from '../protocol/messages.js';
import { failAfter, nextEvent } from './wait.js';

/** Longest wait for a new version of the worker, in ms: while a user signs in, in any tab, it is not let in. */
const UPDATE_MS = 10_000;

/**
 * Pause before the new version is let in, in ms: requests of a sign-in that has just ended are under way. Where they start the old worker
 * again while Chromium stops it for the new one, that one waits until the old one has had nothing to do for half a minute.
 */
const SETTLE_MS = 500;

/**
 * Has the newest version of the worker control this page. By themselves browsers let it in when no page of the old one is open, and a
 * page that is reloaded is open all the time.
 *
 * Should it take too long, the new version is let in later all the same, and the next page finds it.
 *
 * @returns Whether another version controls this page now.
 */
export async function letNewWorkerIn(
  registration: ServiceWorkerRegistration,
  container = navigator.serviceWorker,
  locks = navigator.locks,
): Promise<boolean> {
  const before = container.controller;
  // Offline there may be one that waits.
  await registration.update().catch(() => undefined);
  const next = registration.installing ?? registration.waiting;
  const takeOver = async (): Promise<void> => {
    if (next?.state === 'installing') await nextEvent(next, 'statechange');
    // It may come by itself.
    if (next?.state === 'installed') {
      const message: PageMessage = { type: 'identity:skip-waiting', version: PROTOCOL_VERSION };
      next.postMessage(message);
    }
    while (container.controller === before) await nextEvent(container, 'controllerchange');
  };
  const over = new AbortController();
  const limit = (signal?: AbortSignal): Promise<never> => failAfter(UPDATE_MS, 'protocol-mismatch', signal);
  // One that is not let in must not keep the lock.
  const inTurn = (): Promise<void> =>
    locks.request(SIGN_IN_LOCK, async () => {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      await Promise.race([takeOver(), limit()]);
    });
  try {
    if (next) await Promise.race([inTurn(), limit(over.signal)]);
  } catch {
    // What waits for the sign-in of another tab goes on.
  } finally {
    over.abort();
  }
  return container.controller !== before;
}
