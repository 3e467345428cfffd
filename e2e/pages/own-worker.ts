/** The worker of an app that has routes of its own: ours stand among them in workbox's router, and other listeners beside it. */
import { arcgisEnterprise, IdentityWorker, type ArcGISEnterpriseOptions } from 'identity-worker/sw';
import { registerRoute } from 'workbox-routing/registerRoute.js';

const { arcgis = [] } = JSON.parse('__IDENTITY_CONFIG__') as { arcgis?: ArcGISEnterpriseOptions[] };

const isOwn =
  (name: string) =>
  ({ url }: { url: URL }): boolean =>
    url.pathname === `/${name}`;
const answerOwn = ({ url }: { url: URL }): Promise<Response> =>
  Promise.resolve(new Response(`the app’s ${url.pathname}`));

registerRoute(isOwn('before'), answerOwn);
const identity = new IdentityWorker({ portals: arcgis.map(arcgisEnterprise) });
for (const route of identity.routes) registerRoute(route);
identity.listenToPages();
registerRoute(isOwn('after'), answerOwn);

/** Of the fetch event: these files are compiled for pages. */
interface Answerable extends Event {
  readonly request: Request;
  respondWith: (answer: Promise<Response>) => void;
}

self.addEventListener('fetch', (event) => {
  const url = new URL((event as Answerable).request.url);
  if (isOwn('listener')({ url })) (event as Answerable).respondWith(answerOwn({ url }));
});
