/** What is saved of the view: the map's box and levels, and the layers that the user has switched on and may read. */
import type { Map as MapLibreMap } from 'maplibre-gl';
import type { AreaContent, AreaLayer } from 'identity-worker/offline';
import type { Layer } from './layer.js';
import { MAX_ZOOM, type LayerDefinition } from './layers.js';

/** MapLibre's zoom counts tiles of 512 pixels, the addresses of these services tiles of 256; one level closer is saved too. */
const LEVELS_CLOSER = 2;

/**
 * @param pictures - Addresses of the pictures that are shown.
 */
export function viewOf(map: MapLibreMap, layers: readonly Layer[], pictures: readonly string[]): AreaContent {
  const box = map.getBounds();
  const shown = layers.filter(({ state }) => state === 'loaded');
  return {
    bbox: [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()],
    minZoom: 0,
    maxZoom: Math.min(MAX_ZOOM, Math.round(map.getZoom()) + LEVELS_CLOSER),
    layers: [...shown.map(({ definition }) => areaLayerOf(definition)), { type: 'requests', urls: pictures }],
  };
}

/** Features are drawn from one answer: it is saved as it is requested, with the description that tells whether it may be read. */
function areaLayerOf({ url, source }: LayerDefinition): AreaLayer {
  if (source.type === 'raster') {
    const { search } = new URL(source.tiles?.[0] ?? url);
    return { type: 'map-server', url, ...(search === '' ? {} : { query: search.slice(1) }) };
  }
  const data = source.type === 'geojson' && typeof source.data === 'string' ? [source.data] : [];
  return { type: 'requests', urls: [`${url}?f=json`, ...data] };
}

/** A name for a view that the user has not named. */
export function nameOf(map: MapLibreMap): string {
  const { lng, lat } = map.getCenter().wrap();
  const side = (value: number, positive: string, negative: string): string =>
    `${Math.abs(Math.round(value))}° ${value < 0 ? negative : positive}`;
  return `${side(lat, 'N', 'S')}, ${side(lng, 'E', 'W')}`;
}
