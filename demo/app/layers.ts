/** The map's layers: source and style of each. Their URLs have no tokens, as for public services. */
import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import type { Theme } from './theme.js';

/** A layer of the map. */
export interface LayerDefinition {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** Who has to be signed in: nobody, the app with its own account, or a user. */
  readonly needs: 'nobody' | 'app' | 'user';
  /** Description of the layer, with the same access as its data. */
  readonly url: string;
  readonly source: SourceSpecification;
  readonly layers: readonly LayerSpecification[];
  /** Attributes that a click shows, and their labels. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Whether a click also shows the feature's first attachment. */
  readonly hasAttachments?: boolean;
}

/** Natural Earth at 1:50 million has no more detail beyond this level. */
export const MAX_ZOOM = 7;

const raster = (url: string): SourceSpecification => ({
  type: 'raster',
  tiles: [url],
  tileSize: 256,
  maxzoom: MAX_ZOOM,
});

const features = (url: string): SourceSpecification => ({
  type: 'geojson',
  data: `${url}/query?where=1=1&outFields=*&f=geojson`,
  maxzoom: MAX_ZOOM,
});

const countryColour: ExpressionSpecification = [
  'match',
  ['get', 'COLOUR'],
  0, '#2f8f6f',
  1, '#c98a1b',
  2, '#a8487a',
  3, '#3b6fb5',
  4, '#c45f33',
  5, '#7c9430',
  '#6a5fb0',
]; // prettier-ignore

/** Address of the layer to which users add. */
export const notesUrl = (serverUrl: string): string => `${serverUrl}/rest/services/Notes/FeatureServer/0`;

/** All layers, the lowest first. */
export function layersOf(serverUrl: string, theme: Theme): readonly LayerDefinition[] {
  const services = `${serverUrl}/rest/services`;
  const isDark = theme === 'dark';
  const ink = isDark ? '#f1f5f9' : '#1b2733';
  const halo = isDark ? '#0d141b' : '#ffffff';
  const countries = `${services}/Countries/FeatureServer/0`;
  const sites = `${services}/Sites/FeatureServer/0`;
  const notes = notesUrl(serverUrl);
  const places = `${services}/Places/FeatureServer/0`;
  return [
    {
      id: 'basemap',
      title: 'Basemap',
      summary: 'Tiles, open to everybody',
      needs: 'nobody',
      url: `${services}/Basemap/MapServer`,
      source: raster(`${services}/Basemap/MapServer/tile/{z}/{y}/{x}?style=${theme}`),
      layers: [{ id: 'basemap', type: 'raster', source: 'basemap' }],
    },
    {
      id: 'terrain',
      title: 'Terrain',
      summary: 'Tiles, shown to everybody by the app’s account',
      needs: 'app',
      url: `${services}/Terrain/MapServer`,
      source: raster(`${services}/Terrain/MapServer/tile/{z}/{y}/{x}`),
      layers: [
        {
          id: 'terrain',
          type: 'raster',
          source: 'terrain',
          paint: { 'raster-opacity': isDark ? 0.55 : 0.8 },
        },
      ],
    },
    {
      id: 'countries',
      title: 'Countries',
      summary: 'Features, for signed-in people',
      needs: 'user',
      url: countries,
      source: features(countries),
      layers: [
        {
          id: 'countries-fill',
          type: 'fill',
          source: 'countries',
          paint: {
            'fill-color': countryColour,
            'fill-opacity': ['case', ['boolean', ['feature-state', 'hover'], false], 0.4, 0.12],
          },
        },
        {
          id: 'countries-line',
          type: 'line',
          source: 'countries',
          paint: {
            'line-color': ink,
            'line-opacity': ['case', ['boolean', ['feature-state', 'hover'], false], 0.9, 0.35],
            'line-width': ['case', ['boolean', ['feature-state', 'hover'], false], 1.8, 0.7],
          },
        },
      ],
      attributes: {
        NAME: 'Name',
        CONTINENT: 'Continent',
        AREA_KM2: 'Area in km²',
        NEIGHBOURS: 'Land neighbours',
      },
    },
    {
      id: 'sites',
      title: 'Sites',
      summary: 'Features, shared with ana only',
      needs: 'user',
      url: sites,
      source: features(sites),
      layers: [
        {
          id: 'sites',
          type: 'circle',
          source: 'sites',
          paint: {
            'circle-radius': 5.5,
            'circle-color': '#d6336c',
            'circle-stroke-color': '#ffffff',
            'circle-stroke-width': 2,
          },
        },
      ],
      attributes: { NAME: 'Name', COUNTRY: 'Country', KIND: 'Kind', STATUS: 'Status' },
      hasAttachments: true,
    },
    {
      id: 'notes',
      title: 'Notes',
      summary: 'Features, for signed-in people, who may add some',
      needs: 'user',
      url: notes,
      source: features(notes),
      layers: [
        {
          id: 'notes',
          type: 'circle',
          source: 'notes',
          paint: {
            'circle-radius': 5.5,
            'circle-color': '#6a4c93',
            'circle-stroke-color': '#ffffff',
            'circle-stroke-width': 2,
          },
        },
      ],
      attributes: { TEXT: 'Text', CREATOR: 'By' },
    },
    {
      id: 'places',
      title: 'Places',
      summary: 'Features, open to everybody',
      needs: 'nobody',
      url: places,
      source: features(places),
      layers: [
        {
          id: 'places',
          type: 'circle',
          source: 'places',
          paint: {
            'circle-radius': 3.5,
            'circle-color': ink,
            'circle-stroke-color': halo,
            'circle-stroke-width': 1.5,
          },
        },
        {
          id: 'places-names',
          type: 'symbol',
          source: 'places',
          layout: {
            'text-field': ['get', 'NAME'],
            'text-font': ['sans-serif'],
            'text-size': 12,
            'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
            'text-radial-offset': 0.6,
            'symbol-sort-key': ['-', ['get', 'POPULATION']],
          },
          paint: { 'text-color': ink, 'text-halo-color': halo, 'text-halo-width': 1.4 },
        },
      ],
      attributes: { NAME: 'Name', COUNTRY: 'Country', POPULATION: 'Inhabitants' },
    },
  ];
}
