/** The addresses that an area's layers are made of. */
import { identityError } from '../../protocol/errors.js';
import { isCachedService, isVectorStyle, isVectorTileService } from './descriptions.js';
import { featureRequests } from './feature-pages.js';
import { getJson } from './get-json.js';
import type { AreaContent, AreaLayer, ZoomRange } from './layers.js';
import { schemeOf, type CachedService } from './tile-info.js';
import { countTiles, tileAt, tileRanges, webMercatorScheme, type TilingScheme } from './tile-ranges.js';
import { resourcesOf, withPlaceholders, type VectorStyle } from './vector-style.js';

/** Addresses of responses of about one size, such as the tiles of one level. They are made when asked for: there may be millions. */
export interface AddressGroup {
  readonly count: number;
  readonly at: (index: number) => string;
}

/** @see ArcGIS REST API: Vector Tile Service */
interface VectorTileService extends CachedService {
  readonly tiles?: readonly string[] | null;
}

/**
 * The addresses of all layers, each address once within its layer.
 *
 * @throws ConfigurationError `option-invalid`, `layer-unsupported`; PortalError `answer-unusable`; a TypeError where the network
 * fails, or an AbortError.
 */
export async function addressesOf(
  content: AreaContent,
  signal: AbortSignal | undefined,
): Promise<readonly AddressGroup[]> {
  checkZoom(content);
  const groups: AddressGroup[] = [];
  for (const layer of content.layers) groups.push(...(await groupsOf(layer, content, signal)));
  return groups.filter(({ count }) => count > 0);
}

async function groupsOf(
  layer: AreaLayer,
  content: AreaContent,
  signal: AbortSignal | undefined,
): Promise<readonly AddressGroup[]> {
  const { bbox } = content;
  switch (layer.type) {
    case 'tiles':
      return tiles(bbox, layer.url, webMercatorScheme(...levelsOf(layer, content)));
    case 'map-server': {
      const description = `${layer.url}?f=json`;
      const service = await getJson<CachedService>(description, isCachedService, signal);
      const scheme = schemeOf(service, layer.url, ...levelsOf(layer, content));
      const query = layer.query === undefined ? '' : `?${layer.query}`;
      return [list([description]), ...tiles(bbox, `${layer.url}/tile/{level}/{row}/{col}${query}`, scheme)];
    }
    case 'vector-tiles': {
      const description = `${layer.url}?f=json`;
      const styleUrl = new URL(layer.style ?? 'resources/styles/root.json', `${layer.url}/`).href;
      const [service, style] = await Promise.all([
        getJson<VectorTileService>(description, isVectorTileService, signal),
        getJson<VectorStyle>(styleUrl, isVectorStyle, signal),
      ]);
      const scheme = schemeOf(service, layer.url, ...levelsOf(layer, content));
      const [path = 'tile/{z}/{y}/{x}.pbf'] = service.tiles ?? [];
      return [
        list([description, styleUrl]),
        list(resourcesOf(style, styleUrl, layer.glyphRanges)),
        ...tiles(bbox, withPlaceholders(new URL(path, `${layer.url}/`).href), scheme),
      ];
    }
    case 'features': {
      const { asked, pages } = await featureRequests(layer, bbox, signal);
      return [list(asked), list(pages)];
    }
    case 'requests':
      return [list([...new Set(layer.urls)])];
    default:
      // A record of a newer version of the app, or a slip in JavaScript.
      throw identityError('option-invalid', { field: 'layers' });
  }
}

const levelsOf = (
  layer: ZoomRange,
  { minZoom, maxZoom }: AreaContent,
): readonly [min: number, max: number] => [
  Math.max(minZoom, layer.minZoom ?? minZoom),
  Math.min(maxZoom, layer.maxZoom ?? maxZoom),
];

/** Levels deeper than these have tiles of less than a metre. */
const MAX_ZOOM = 30;

function checkZoom({ minZoom, maxZoom }: AreaContent): void {
  const isRange =
    Number.isInteger(minZoom) &&
    Number.isInteger(maxZoom) &&
    minZoom >= 0 &&
    minZoom <= maxZoom &&
    maxZoom <= MAX_ZOOM;
  if (!isRange) throw identityError('option-invalid', { field: 'minZoom, maxZoom' });
}

const list = (urls: readonly string[]): AddressGroup => ({
  count: urls.length,
  at: (index) => urls[index] ?? '',
});

const tiles = (bbox: AreaContent['bbox'], template: string, scheme: TilingScheme): readonly AddressGroup[] =>
  tileRanges(bbox, scheme).map((range) => ({
    count: countTiles([range]),
    at: (index) => {
      const { level, column, row } = tileAt(range, index);
      const values: Readonly<Record<string, number>> = {
        z: level,
        level,
        x: column,
        col: column,
        y: row,
        row,
        '-y': 2 ** level - 1 - row,
      };
      return template.replaceAll(/\{([^}]*)\}/g, (placeholder, name: string) => {
        const value = values[name];
        if (value === undefined) throw identityError('option-invalid', { field: placeholder });
        return String(value);
      });
    },
  }));
