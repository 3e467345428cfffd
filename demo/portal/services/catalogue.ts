// The services of the demo: name, type, access, handler.
import { jsonResponse } from './responses.js';
import { countriesLayer } from './features/countries-layer.js';
import { featureServer } from './features/feature-server.js';
import { notesLayer } from './features/notes-layer.js';
import { placesLayer } from './features/places-layer.js';
import { sitesLayer } from './features/sites-layer.js';
import { drawBasemap, type BasemapStyle } from './raster/basemap.js';
import { mapServer } from './raster/map-server.js';
import { drawTerrain } from './raster/terrain.js';
import type { Service, ServiceResponse, ServiceInfo, ServiceRequest } from './service-request.js';
import { vectorTileServer } from './vector/vector-tile-server.js';

const styleOf = (params: URLSearchParams): BasemapStyle =>
  params.get('style') === 'dark' ? 'dark' : 'light';

const demoServices: readonly Service[] = [
  {
    name: 'Basemap',
    type: 'MapServer',
    access: 'public',
    handle: mapServer({
      name: 'Basemap',
      description: 'Land and sea, quiet enough to draw on. style=dark gives a night version.',
      copyright: 'Made with Natural Earth.',
      legend: [
        ['Land', [246, 244, 239]],
        ['Sea', [205, 220, 229]],
      ],
      draw: (view, params) => drawBasemap(view, styleOf(params)),
      variantOf: styleOf,
      cacheControl: 'public, max-age=3600',
    }),
  },
  { name: 'Countries', type: 'FeatureServer', access: 'signed-in', handle: featureServer(countriesLayer) },
  { name: 'Countries', type: 'VectorTileServer', access: 'signed-in', handle: vectorTileServer },
  { name: 'Notes', type: 'FeatureServer', access: 'signed-in', handle: featureServer(notesLayer) },
  { name: 'Places', type: 'FeatureServer', access: 'public', handle: featureServer(placesLayer) },
  { name: 'Sites', type: 'FeatureServer', access: 'private', handle: featureServer(sitesLayer) },
  {
    name: 'Terrain',
    type: 'MapServer',
    access: 'signed-in',
    handle: mapServer({
      name: 'Terrain',
      description:
        'Shaded ground with country tints. Illustrative: ranges and deserts are placed by hand, hills are noise, not elevation.',
      copyright: 'Outlines from Natural Earth.',
      legend: [
        ['Desert', [214, 190, 150]],
        ['Forest', [110, 140, 95]],
        ['Ice', [245, 248, 250]],
      ],
      draw: drawTerrain,
      variantOf: () => '',
      cacheControl: 'private, no-cache',
    }),
  },
];

/** Every service of the demo, by name. */
export const services: readonly ServiceInfo[] = demoServices.map(({ name, type, access }) => ({
  name,
  type,
  access,
}));

/** The services of one portal: those of the demo, and its user's own, which take the place of those with the same name. */
export class ServiceCatalogue {
  readonly #services: readonly Service[];

  constructor(own: readonly Service[] = []) {
    const names = new Set(own.map(({ name }) => name));
    this.#services = [...demoServices.filter(({ name }) => !names.has(name)), ...own];
  }

  get all(): readonly ServiceInfo[] {
    return this.#services;
  }

  /** As {@link handleService}. */
  handle(request: ServiceRequest): ServiceResponse | undefined {
    return handleService(request, this.#services);
  }
}

/**
 * Handles a request. The caller has checked the access.
 *
 * @returns `undefined` where there is no such service or operation.
 */
export function handleService(
  request: ServiceRequest,
  entries: readonly Service[] = demoServices,
): ServiceResponse | undefined {
  const [name, type, ...rest] = request.path.split('/').filter((part) => part !== '');
  if (name === undefined) {
    return jsonResponse(request, {
      currentVersion: 11.3,
      folders: [],
      services: entries
        .filter(({ access }) => access === 'public' || request.user !== undefined)
        .map((service) => ({
          name: service.name,
          type: service.type,
        })),
    });
  }
  return entries.find((entry) => entry.name === name && entry.type === type)?.handle(rest.join('/'), request);
}
