/** A worker whose app replays workbox's queue through `identity.fetch` and asks nobody whose edits they are: a control. */
import { arcgisEnterprise, IdentityWorker, type ArcGISEnterpriseOptions } from 'identity-worker/sw';
import { Queue } from 'workbox-background-sync/Queue.js';
import { registerRoute } from 'workbox-routing/registerRoute.js';

const { arcgis = [] } = JSON.parse('__IDENTITY_CONFIG__') as { arcgis?: ArcGISEnterpriseOptions[] };

const identity = new IdentityWorker({ portals: arcgis.map(arcgisEnterprise) });
const queue = new Queue('naive', { forceSyncFallback: true, onSync: () => undefined });

registerRoute(
  ({ url }) => url.pathname.endsWith('/applyEdits'),
  async ({ request, event }) => {
    const copy = request.clone();
    try {
      return await identity.fetch(request, { event });
    } catch {
      await queue.pushRequest({ request: copy });
      return new Response(null, { status: 202 });
    }
  },
  'POST',
);
for (const route of identity.routes) registerRoute(route);
identity.listenToPages();

/** Of the message event: these files are compiled for pages. */
interface Extendable extends Event {
  readonly data: { type?: string; action?: string };
  waitUntil: (work: Promise<void>) => void;
}

async function replay(): Promise<void> {
  for (let entry = await queue.shiftRequest(); entry; entry = await queue.shiftRequest())
    await identity.fetch(entry.request);
}

self.addEventListener('message', (event) => {
  const { data, waitUntil } = event as unknown as Extendable;
  if (data.type === 'identity:edits' && data.action === 'send') waitUntil.call(event, replay());
});
