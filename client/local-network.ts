/** Local Network Access: what a page does for its worker, whose requests the browser asks the user nothing about. */
import { identityError, type IdentityError } from '../protocol/errors.js';

const reported = new Set<string>();

/** `undefined` in browsers that know no such permission. */
const permission = (): Promise<PermissionState | undefined> =>
  navigator.permissions.query({ name: 'local-network-access' as PermissionName }).then(
    ({ state }) => state,
    () => undefined,
  );

/**
 * Makes a request to a server that the worker could not reach: if it is one of the user's own network, the browser asks the user.
 *
 * @param origin - Of the server.
 * @param port - Told that this page asks, and whether the user permits it.
 * @returns `local-network-blocked`, once for each server.
 */
export async function askForLocalNetwork(
  origin: string,
  port: Pick<MessagePort, 'postMessage'>,
): Promise<IdentityError | undefined> {
  port.postMessage(null);
  // A request with a token of its own, though it is none, is left to the page by the worker.
  if ((await permission()) === 'prompt')
    await fetch(`${origin}/?token=`, { mode: 'no-cors', credentials: 'omit', cache: 'no-store' }).then(
      ({ body }) => void body?.cancel(),
      () => undefined,
    );
  const state = await permission();
  port.postMessage(state === 'granted');
  if (state !== 'denied' || reported.has(origin)) return undefined;
  reported.add(origin);
  return identityError('local-network-blocked', { origin });
}
