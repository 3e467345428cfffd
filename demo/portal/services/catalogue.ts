// The services of the demo: name, type, who may read them, and who answers.
import { jsonAnswer } from './answers.js';
import { countriesLayer } from './features/countries-layer.js';
import { featureServer } from './features/feature-server.js';
import { placesLayer } from './features/places-layer.js';
import { sitesLayer } from './features/sites-layer.js';
import { drawBasemap, type BasemapStyle } from './raster/basemap.js';
import { mapServer } from './raster/map-server.js';
import { drawTerrain } from './raster/terrain.js';
import type { ServiceAnswer, ServiceHandler, ServiceInfo, ServiceRequest } from './service-request.js';
import { vectorTileServer } from './vector/vector-tile-server.js';

const styleOf = (params: URLSearchParams): BasemapStyle =>
  params.get('style') === 'dark' ? 'dark' : 'light';

const entries: readonly (ServiceInfo & { answer: ServiceHandler })[] = [
  {
    name: 'Basemap',
    type: 'MapServer',
    access: 'public',
    answer: mapServer({
      name: 'Basemap',
      description: 'Land and sea, quiet enough to draw on. style=dark gives a night version.',
      copyright: 'Made with Natural Earth.',
      draw: (view, params) => drawBasemap(view, styleOf(params)),
      variantOf: styleOf,
      cacheControl: 'public, max-age=3600',
    }),
  },
  { name: 'Countries', type: 'FeatureServer', access: 'signed-in', answer: featureServer(countriesLayer) },
  { name: 'Countries', type: 'VectorTileServer', access: 'signed-in', answer: vectorTileServer },
  { name: 'Places', type: 'FeatureServer', access: 'public', answer: featureServer(placesLayer) },
  { name: 'Sites', type: 'FeatureServer', access: 'private', answer: featureServer(sitesLayer) },
  {
    name: 'Terrain',
    type: 'MapServer',
    access: 'signed-in',
    answer: mapServer({
      name: 'Terrain',
      description:
        'Shaded ground with country tints. Illustrative: ranges and deserts are placed by hand, hills are noise, not elevation.',
      copyright: 'Outlines from Natural Earth.',
      draw: drawTerrain,
      variantOf: () => '',
      cacheControl: 'private, no-cache',
    }),
  },
];

/** Every service, by name. */
export const services: readonly ServiceInfo[] = entries.map(({ name, type, access }) => ({
  name,
  type,
  access,
}));

/**
 * Answers a request whose sender may make it; access is the caller's business.
 *
 * @returns `undefined` when there is no such service or operation.
 */
export function answerService(request: ServiceRequest): ServiceAnswer | undefined {
  const [name, type, ...rest] = request.path.split('/').filter((part) => part !== '');
  if (name === undefined) {
    return jsonAnswer(request, {
      currentVersion: 11.3,
      folders: [],
      services: services
        .filter(({ access }) => access === 'public' || request.user !== undefined)
        .map((service) => ({
          name: service.name,
          type: service.type,
        })),
    });
  }
  return entries.find((entry) => entry.name === name && entry.type === type)?.answer(rest.join('/'), request);
}
