/** The map: controls, hover, and the popup of a feature. */
import {
  Map as MapLibreMap,
  NavigationControl,
  Popup,
  setMaxParallelImageRequests,
  setWorkerUrl,
  type MapGeoJSONFeature,
  type MapMouseEvent,
  type PaddingOptions,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { byId, make } from './dom.js';
import type { LayerDefinition } from './layers.js';
import type { Theme } from './theme.js';

const sea: Readonly<Record<Theme, string>> = { light: '#dbe7ee', dark: '#10181f' };

/** Tiles that wait for a sign-in occupy request slots: with the default of 16 they would block public layers. */
const PARALLEL_TILES = 96;

/** Distance between a popup and the panels, in pixels. */
const GAP = 12;

/** What the panels cover, in pixels. Popups open in the rest. */
function covered(): Required<PaddingOptions> {
  const sheet = byId('sheet', HTMLDivElement);
  // On phones the sheet contains both cards. On larger screens it has no box, and the cards lie on the map.
  if (sheet.offsetHeight > 0) return { top: 0, bottom: sheet.offsetHeight, left: 0, right: 0 };
  const [panel, log] = Array.from(sheet.children, (card) => card.getBoundingClientRect());
  return { top: 0, bottom: innerHeight - (log?.top ?? innerHeight), left: panel?.right ?? 0, right: 0 };
}

/** Padding of the map's centre: the panel, but not the log, which covers only a corner. */
function beside(): Required<PaddingOptions> {
  const cards = covered();
  return cards.left > 0 ? { ...cards, bottom: 0 } : cards;
}

/** Centres the map in the area that the panels leave free. */
export function centre(map: MapLibreMap): void {
  map.easeTo({ padding: beside(), duration: 300 });
}

/** Creates the map and resolves once layers can be added. */
export async function createMap(container: HTMLElement, theme: Theme): Promise<MapLibreMap> {
  setWorkerUrl(workerUrl);
  setMaxParallelImageRequests(PARALLEL_TILES);
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
    fadeDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 300,
    dragRotate: false,
    pitchWithRotate: false,
  });
  map.setPadding(beside());
  map.on('resize', () => map.setPadding(beside()));
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  await map.once('load');
  return map;
}

/** Colours the background of the map, which shows where no layer is drawn. */
export function paintSea(map: MapLibreMap, theme: Theme): void {
  map.setPaintProperty('sea', 'background-color', sea[theme]);
}

/** Moves the map until nothing covers the popup. */
function uncover(map: MapLibreMap, popup: HTMLElement): void {
  const { left, bottom } = covered();
  const box = popup.getBoundingClientRect();
  const down = Math.max(0, box.bottom - (innerHeight - bottom) + GAP);
  const up = Math.min(0, box.top - GAP);
  const aside = Math.min(0, box.left - left - GAP);
  if (down || up || aside) map.panBy([aside, down || up]);
}

/** Highlights the feature under the pointer, and shows its attributes after a click. */
export function handlePointer(map: MapLibreMap, definitions: readonly LayerDefinition[]): void {
  const clickable = definitions.flatMap(({ attributes, layers }) =>
    attributes && layers[0] ? [layers[0].id] : [],
  );
  const popup = new Popup({ maxWidth: '280px' });
  let hovered: MapGeoJSONFeature | undefined;

  const top = (point: MapMouseEvent['point']): MapGeoJSONFeature | undefined => {
    const layers = clickable.filter((id) => map.getLayer(id));
    return layers.length === 0 ? undefined : map.queryRenderedFeatures(point, { layers })[0];
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
    uncover(map, popup.getElement());
  });
}

/** @see ArcGIS REST API: Attachment Infos */
interface AttachmentList {
  attachmentInfos?: readonly { id: number }[];
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
  if (!hasAttachments || id === undefined) return table;
  // Added before the picture is loaded: the position of the popup depends on its size.
  const image = make('img', {
    alt: `Picture of ${textOf(properties[Object.keys(attributes)[0] ?? ''])}`,
    className: 'attachment',
  });
  void showAttachment(image, `${url}/${id}/attachments`);
  return make('div', {}, table, image);
}

/** Shows the first attachment, a plain image. Its id has to be requested. */
async function showAttachment(image: HTMLImageElement, url: string): Promise<void> {
  try {
    const response = await fetch(`${url}?f=json`);
    const { attachmentInfos: [first] = [] }: AttachmentList = await response.json();
    if (first) image.src = `${url}/${first.id}`;
    else image.remove();
  } catch {
    // Without network, where it is not saved.
    image.remove();
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'number' ? Math.round(value).toLocaleString('en') : String(value);
