// content and search: one item per service and a web map, with data, thumbnail and resources.

import type { PortalContext } from '../context.js';
import { json, jsonError, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { thumbnailPng } from '../services/index.js';
import { maySee } from './community.js';
import { groups, orgId } from './organisation.js';
import { found, searchTest } from './search-query.js';
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
  {
    id: '0a1b2c3d4e5f60718293a4b5c6d7e8f6',
    title: 'Notes',
    type: 'Feature Service',
    access: 'org',
    service: 'Notes/FeatureServer',
  },
  {
    id: '0a1b2c3d4e5f60718293a4b5c6d7e8f7',
    title: 'Countries (vector tiles)',
    type: 'Vector Tile Service',
    access: 'org',
    service: 'Countries/VectorTileServer',
  },
];

/** Who owns all items. */
const owner = 'ana';

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
  const isHidden = viewer.kind === 'anonymous' && context.switches.privateItems === 'missing';
  if (!item || (isHidden && !mayRead(item, viewer))) {
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
      headers: {
        'Content-Type': 'image/png',
        'Cache-Control': `private, max-age=${context.switches.maxAgeS ?? 0}`,
      },
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

/** `search`: the items that the sender may read. */
export function searchItems(context: PortalContext, request: PortalRequest): PortalResponse {
  const viewer = viewerOf(context, request);
  if (viewer.kind === 'refused') return jsonError(request, 498, 'Invalid token.');
  const matches = searchTest(request.params.get('q') ?? '');
  const wanted = items.filter((item) => mayRead(item, viewer)).map((item) => describe(context, item));
  const isWanted = (item: Record<string, unknown>): boolean =>
    matches({ ...item, orgid: item['orgId'], group: groupIdsOf(item['id']) });
  return json(request, found(request.params, wanted.filter(isWanted)));
}

const groupIdsOf = (id: unknown): string[] =>
  groups.filter(({ items: shared }) => shared.some((each) => each === id)).map((group) => group.id);

/** `content/users/{name}`: what the user owns. Others get what they may read of it. */
export function userContent(
  context: PortalContext,
  request: PortalRequest,
  rest: readonly string[],
): PortalResponse {
  const viewer = viewerOf(context, request);
  if (viewer.kind === 'refused') return jsonError(request, 498, 'Invalid token.');
  const [name = '', ...below] = rest;
  const user = context.users.findIgnoringCase(name);
  if (!user || viewer.kind !== 'user' || below.length > 0) {
    return jsonError(request, 400, 'User does not exist or is inaccessible.', { messageCode: 'COM_0018' });
  }
  const owned = user.username === owner ? items.filter((item) => mayRead(item, viewer)) : [];
  const { results, ...page } = found(
    request.params,
    owned.map((item) => describe(context, item)),
  );
  return json(request, {
    username: user.username,
    ...page,
    currentFolder: null,
    items: results,
    folders: [],
  });
}

/** `content/groups/{id}`: the items that are shared with the group. */
export function groupContent(
  context: PortalContext,
  request: PortalRequest,
  rest: readonly string[],
): PortalResponse {
  const viewer = viewerOf(context, request);
  if (viewer.kind === 'refused') return jsonError(request, 498, 'Invalid token.');
  const group = groups.find(({ id }) => id === rest[0]);
  if (!group || !maySee(group, viewer) || rest.length > 1) {
    return jsonError(request, 400, 'Group does not exist or is inaccessible.', { messageCode: 'COM_0003' });
  }
  const shared = items.filter((item) => group.items.includes(item.id) && mayRead(item, viewer));
  const { results, ...page } = found(
    request.params,
    shared.map((item) => describe(context, item)),
  );
  return json(request, { ...page, items: results });
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
    owner,
    orgId,
    created: createdMs,
    modified: createdMs,
    title: item.title,
    type: item.type,
    access: item.access,
    thumbnail: 'thumbnail/thumbnail.png',
    tags: ['demo'],
    typeKeywords: [],
    description: null,
    snippet: null,
    extent: [
      [-180, -85],
      [180, 85],
    ],
    isOrgItem: true,
    url: item.service === undefined ? null : `${urls.server}/rest/services/${item.service}`,
  };
}

function dataOf({ urls }: PortalContext, item: Item): Record<string, unknown> {
  if (item.type !== 'Web Map') return { layers: [{ id: 0, title: item.title }] };
  const layers = items.filter(({ type, title }) => type === 'Feature Service' && title !== 'Notes');
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
