/** The worker of an app that has routes of its own: ours stand among them in workbox's router, and other listeners beside it. */
import {
  arcgisEnterprise,
  IdentityWorker,
  isIdentityError,
  type ArcGISEnterpriseOptions,
} from 'identity-worker/sw';
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

/** What the app's own script sends, as a queue or a prefetch does: the page only says what. */
registerRoute(isOwn('send'), async ({ url }) =>
  Response.json(await outcomeOf(url.searchParams.get('url') ?? '')),
);

async function outcomeOf(target: string): Promise<unknown> {
  try {
    const response = await identity.fetch(target);
    const { status, ok, url } = response;
    return { status, ok, url, text: await response.text() };
  } catch (error) {
    return isIdentityError(error) ? { code: error.code, name: error.name } : { name: String(error) };
  }
}

/** Of the fetch event: these files are compiled for pages. */
interface Answerable extends Event {
  readonly request: Request;
  respondWith: (answer: Promise<Response>) => void;
}

self.addEventListener('fetch', (event) => {
  const url = new URL((event as Answerable).request.url);
  if (isOwn('listener')({ url })) (event as Answerable).respondWith(answerOwn({ url }));
});
