import { Deck, MapView, type MapViewState } from '@deck.gl/core';
import { MVTLayer, TileLayer } from '@deck.gl/geo-layers';
import { BitmapLayer, GeoJsonLayer } from '@deck.gl/layers';
import { MVTLoader } from '@loaders.gl/mvt';
import { identity, onNextView, reportError } from './app.js';

await identity.ready;

const services = 'https://gis.example.org/server/rest/services';
const terrain = new TileLayer<ImageBitmap>({
  id: 'terrain',
  data: `${services}/Terrain/MapServer/tile/{z}/{y}/{x}`,
  maxZoom: 12,
  tileSize: 256,
  onTileError: reportError,
  renderSubLayers: ({ data: image, tile, id }) => {
    const [west, south, east, north] = tile.boundingBox.flat() as [number, number, number, number];
    // An error of ArcGIS is JSON with status 200: the library hands it over as the tile's data.
    return image instanceof ImageBitmap
      ? new BitmapLayer({ id, image, bounds: [west, south, east, north] })
      : null;
  },
});
const countries = new MVTLayer({
  id: 'countries',
  data: `${services}/Countries/VectorTileServer/tile/{z}/{y}/{x}.pbf`,
  maxZoom: 8,
  filled: false,
  // Without these a worker that is loaded from unpkg.com reads the tiles.
  loaders: [MVTLoader],
  loadOptions: { worker: false },
  onTileError: reportError,
});
const sites = new GeoJsonLayer({
  id: 'sites',
  data: `${services}/Sites/FeatureServer/0/query?where=1%3D1&outFields=*&f=geojson`,
  pointRadiusMinPixels: 4,
});

const deck = new Deck<MapView>({
  parent: document.querySelector<HTMLDivElement>('#map'),
  views: new MapView(),
  initialViewState: { longitude: 10, latitude: 30, zoom: 0 },
  layers: [terrain, countries, sites],
  onError: reportError,
});

onNextView((view: MapViewState) => deck.setProps({ initialViewState: { ...view } }));
