/** The map itself: controls, hover and the popup of a feature. */
import {
  Map as MapLibreMap,
  NavigationControl,
  Popup,
  setMaxParallelImageRequests,
  setWorkerUrl,
  type MapGeoJSONFeature,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { make } from './dom.js';
import type { LayerDefinition } from './layers.js';
import type { Theme } from './theme.js';

const sea: Readonly<Record<Theme, string>> = { light: '#dbe7ee', dark: '#10181f' };

/** Tiles that wait for a sign-in count as under way: with the default of 16 they would keep the open layers from drawing. */
const PARALLEL_TILES = 96;

/** The room of the map that the panels leave free, in pixels. */
function freeRoom(): { top: number; bottom: number; left: number; right: number } {
  const isPhone = matchMedia('(max-width: 700px)').matches;
  return isPhone
    ? { top: 0, bottom: Math.round(innerHeight * 0.5), left: 0, right: 0 }
    : { top: 0, bottom: 0, left: 390, right: 0 };
}

/** Makes the map and resolves once layers can be added. */
export async function createMap(container: HTMLElement, theme: Theme): Promise<MapLibreMap> {
  setWorkerUrl(workerUrl);
  setMaxParallelImageRequests(PARALLEL_TILES);
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const map = new MapLibreMap({
    container,
    style: {
      version: 8,
      sources: {},
      layers: [{ id: 'sea', type: 'background', paint: { 'background-color': sea[theme] } }],
    },
    center: [14, 30],
    zoom: matchMedia('(max-width: 700px)').matches ? 0.8 : 1.9,
    minZoom: 0.5,
    maxZoom: 9,
    attributionControl: false,
    fadeDuration: isStill ? 0 : 300,
    dragRotate: false,
    pitchWithRotate: false,
  });
  map.setPadding(freeRoom());
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  await map.once('load');
  return map;
}

/** Follows the theme where no layer covers the map. */
export function paintSea(map: MapLibreMap, theme: Theme): void {
  map.setPaintProperty('sea', 'background-color', sea[theme]);
}

/** Shows what is under the pointer, and what is known of it after a click. */
export function answerPointer(map: MapLibreMap, definitions: readonly LayerDefinition[]): void {
  const clickable = definitions.flatMap(({ attributes, layers }) =>
    attributes && layers[0] ? [layers[0].id] : [],
  );
  const popup = new Popup({ maxWidth: '280px', closeButton: true });
  let hovered: MapGeoJSONFeature | undefined;

  const top = (point: [number, number] | { x: number; y: number }): MapGeoJSONFeature | undefined => {
    const layers = clickable.filter((id) => map.getLayer(id));
    const at = Array.isArray(point) ? point : ([point.x, point.y] as [number, number]);
    return layers.length === 0 ? undefined : map.queryRenderedFeatures(at, { layers })[0];
  };
  const mark = (feature: MapGeoJSONFeature | undefined, hover: boolean): void => {
    if (feature?.id !== undefined && map.getSource(feature.source))
      map.setFeatureState({ source: feature.source, id: feature.id }, { hover });
  };
  const hover = (feature: MapGeoJSONFeature | undefined): void => {
    mark(hovered, false);
    mark(feature, true);
    hovered = feature;
    map.getCanvas().classList.toggle('is-over-feature', feature !== undefined);
  };

  map.on('mousemove', ({ point }) => hover(top(point)));
  map.on('mouseout', () => hover(undefined));
  map.on('click', ({ point, lngLat }) => {
    const feature = top(point);
    const definition = definitions.find(({ id }) => id === feature?.source);
    if (!feature || !definition) return;
    popup.setLngLat(lngLat).setDOMContent(describe(feature, definition)).addTo(map);
  });
}

/** As in ArcGIS REST API: Attachment Infos. */
interface AttachmentList {
  attachmentInfos?: readonly { id: number; name: string }[];
}

function describe(
  feature: MapGeoJSONFeature,
  { title, url, attributes = {}, hasAttachments }: LayerDefinition,
): HTMLElement {
  const { id, properties } = feature;
  const rows = Object.entries(attributes)
    .filter(([name]) => properties[name] !== undefined && properties[name] !== null)
    .map(([name, label]) =>
      make('tr', {}, make('th', { scope: 'row' }, label), make('td', {}, textOf(properties[name]))),
    );
  const table = make(
    'table',
    { className: 'attributes' },
    make('caption', {}, title),
    make('tbody', {}, ...rows),
  );
  const content = make('div', {}, table);
  if (hasAttachments && id !== undefined) void showAttachment(content, `${url}/${id}/attachments`);
  return content;
}

/** An attachment is an image like any other; only its number has to be asked for. */
async function showAttachment(content: HTMLElement, url: string): Promise<void> {
  const response = await fetch(`${url}?f=json`);
  const { attachmentInfos: [first] = [] }: AttachmentList = await response.json();
  if (first)
    content.append(make('img', { src: `${url}/${first.id}`, alt: first.name, className: 'attachment' }));
}

const textOf = (value: unknown): string =>
  typeof value === 'number' ? Math.round(value).toLocaleString('en') : String(value);
