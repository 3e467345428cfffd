/**
 * Local Network Access: a page of the public internet may reach a server of the user's own network only with their permission. The
 * browser asks for it when a page makes a request, and lets the requests of a worker fail.
 *
 * @see https://wicg.github.io/local-network-access/
 */
import { PROTOCOL_VERSION, type WorkerMessage } from '../../protocol/messages.js';
import { ExpiringMap } from '../storage/expiring-map.js';

declare const self: ServiceWorkerGlobalScope;

/** How long a page has to take the question up, in ms: one of an older version does not. */
const TAKE_UP_MS = 1_000;

/** How long a user has to answer the browser, in ms. */
const ANSWER_MS = 60_000;

/** For so long no page is asked again about a server, in ms. */
const REFUSED_MS = 60_000;

const refused = new ExpiringMap<string, true>(REFUSED_MS);
const pending = new Map<string, Promise<boolean>>();

/** Pages of this machine may reach everything. */
const local = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Has a page ask for the permission, after a request of the worker has failed.
 *
 * @param url - Of the request.
 * @returns Whether the user has just permitted it. Then the request did not reach the server, and may be sent again.
 */
export function allowsLocalNetwork(url: string): Promise<boolean> {
  const { origin } = new URL(url);
  if (local.test(self.location.hostname) || refused.get(origin)) return Promise.resolve(false);
  const known = pending.get(origin);
  if (known) return known;
  const asking = ask(origin)
    .catch(() => false)
    .then((isAllowed) => {
      pending.delete(origin);
      if (!isAllowed) refused.set(origin, true);
      return isAllowed;
    });
  pending.set(origin, asking);
  return asking;
}

async function ask(origin: string): Promise<boolean> {
  // Browsers without Local Network Access know no such permission, and reject.
  const { state } = await navigator.permissions.query({ name: 'local-network-access' as PermissionName });
  if (state === 'granted' || !navigator.onLine) return false;
  const pages = await self.clients.matchAll({ type: 'window' });
  const visible = pages.filter(({ visibilityState }) => visibilityState === 'visible');
  const page = visible.find(({ frameType }) => frameType !== 'nested') ?? visible[0];
  if (!page) return false;
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    let timer = setTimeout(resolve, TAKE_UP_MS, false);
    port1.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      clearTimeout(timer);
      // First that it was taken up.
      if (data === null) timer = setTimeout(resolve, ANSWER_MS, false);
      else resolve(data === true);
    });
    port1.start();
    const message: WorkerMessage = { type: 'identity:local-network', version: PROTOCOL_VERSION, origin };
    page.postMessage(message, [port2]);
  });
}
