// content/items: one item per service and a web map, with data, thumbnail and resources.

import type { PortalContext } from '../context.js';
import { json, jsonError, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { thumbnailPng } from '../services/index.js';
import { orgId } from './portal-self.js';
import { viewerOf, type Viewer } from './viewer.js';

interface Item {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly access: 'public' | 'org' | 'private';
  /** Path below `rest/services`, for items that stand for a service. */
  readonly service?: string;
}

const items: readonly Item[] = [
  {
    id: '0a1b2c3d4e5f60718293a4b5c6d7e8f1',
    title: 'Countries',
    type: 'Feature Service',
    access: 'org',
    service: 'Countries/FeatureServer',
  },
  {
    id: '0a1b2c3d4e5f60718293a4b5c6d7e8f2',
    title: 'Terrain',
    type: 'Map Service',
    access: 'org',
    service: 'Terrain/MapServer',
  },
  {
    id: '0a1b2c3d4e5f60718293a4b5c6d7e8f3',
    title: 'Sites',
    type: 'Feature Service',
    access: 'private',
    service: 'Sites/FeatureServer',
  },
  {
    id: '0a1b2c3d4e5f60718293a4b5c6d7e8f4',
    title: 'Places',
    type: 'Feature Service',
    access: 'public',
    service: 'Places/FeatureServer',
  },
  { id: '0a1b2c3d4e5f60718293a4b5c6d7e8f5', title: 'World map', type: 'Web Map', access: 'org' },
];

const resources = [{ resource: 'notes/legend.json', access: 'inherit', size: 27 }] as const;

/** @param rest - Path segments below `content/items`. */
export function contentItem(
  context: PortalContext,
  request: PortalRequest,
  rest: readonly string[],
): PortalResponse {
  const viewer = viewerOf(context, request);
  if (viewer.kind === 'refused') return jsonError(request, 498, 'Invalid token.');
  const [id = '', ...tail] = rest;
  const item = items.find((candidate) => candidate.id === id);
  if (!item || (item.access !== 'public' && viewer.kind === 'anonymous')) {
    // Without access, a private item is reported as missing.
    return jsonError(request, 400, 'Item does not exist or is inaccessible.', {
      messageCode: 'CONT_0001',
    });
  }
  if (!mayRead(item, viewer)) {
    return jsonError(
      request,
      403,
      'You do not have permissions to access this resource or perform this operation.',
      { messageCode: 'GWM_0003' },
    );
  }
  const operation = tail.join('/');
  if (operation === '') return json(request, describe(context, item));
  if (operation === 'data') return { ...json(request, dataOf(context, item)), conditional: true };
  if (operation.startsWith('info/thumbnail/')) {
    return {
      status: 200,
      headers: { 'Content-Type': 'image/png', 'Cache-Control': 'private, max-age=0' },
      body: thumbnailPng(item.id),
      conditional: true,
    };
  }
  if (operation === 'resources') {
    return json(request, {
      total: resources.length,
      start: 1,
      num: resources.length,
      nextStart: -1,
      resources,
    });
  }
  if (operation === `resources/${resources[0].resource}`) {
    return { ...json(request, { legend: ['low', 'high'] }), conditional: true };
  }
  return jsonError(request, 400, 'Resource does not exist or is inaccessible.', {
    messageCode: 'CONT_0003',
  });
}

function mayRead({ access }: Item, viewer: Viewer): boolean {
  if (access === 'public') return true;
  if (viewer.kind === 'app') return access === 'org';
  return viewer.kind === 'user' && (access === 'org' || viewer.user.mayReadPrivate);
}

function describe({ urls }: PortalContext, item: Item): Record<string, unknown> {
  const createdMs = Date.UTC(2026, 0, 1);
  return {
    id: item.id,
    owner: 'ana',
    orgId,
    created: createdMs,
    modified: createdMs,
    title: item.title,
    type: item.type,
    access: item.access,
    thumbnail: 'thumbnail/thumbnail.png',
    tags: ['demo'],
    url: item.service === undefined ? null : `${urls.server}/rest/services/${item.service}`,
  };
}

function dataOf({ urls }: PortalContext, item: Item): Record<string, unknown> {
  if (item.type !== 'Web Map') return { layers: [{ id: 0, title: item.title }] };
  const layers = items.filter(({ type }) => type === 'Feature Service');
  return {
    version: '2.31',
    operationalLayers: layers.map(({ id, title, service }) => ({
      id: title.toLowerCase(),
      title,
      itemId: id,
      layerType: 'ArcGISFeatureLayer',
      url: `${urls.server}/rest/services/${service}/0`,
    })),
    baseMap: {
      title: 'Basemap',
      baseMapLayers: [
        {
          id: 'basemap',
          layerType: 'ArcGISTiledMapServiceLayer',
          url: `${urls.server}/rest/services/Basemap/MapServer`,
        },
      ],
    },
    spatialReference: { wkid: 102100, latestWkid: 3857 },
  };
}
