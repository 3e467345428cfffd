import OpenLayersMap from 'ol/Map.js';
import View from 'ol/View.js';
import EsriJSON from 'ol/format/EsriJSON.js';
import MVT from 'ol/format/MVT.js';
import TileLayer from 'ol/layer/Tile.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorTileLayer from 'ol/layer/VectorTile.js';
import { fromLonLat } from 'ol/proj.js';
import TileArcGISRest from 'ol/source/TileArcGISRest.js';
import VectorSource from 'ol/source/Vector.js';
import VectorTileSource from 'ol/source/VectorTile.js';
import 'ol/ol.css';
import { identity, onNextView, reportError } from './app.js';

await identity.ready;

const services = 'https://gis.example.org/server/rest/services';
const terrain = new TileArcGISRest({ url: `${services}/Terrain/MapServer` });
const countries = new VectorTileSource({
  format: new MVT(),
  url: `${services}/Countries/VectorTileServer/tile/{z}/{y}/{x}.pbf`,
  maxZoom: 8,
});
const sites = new VectorSource({
  format: new EsriJSON(),
  url: `${services}/Sites/FeatureServer/0/query?where=1%3D1&outFields=*&f=json`,
});
terrain.on('tileloaderror', ({ type }) => reportError(type));
countries.on('tileloaderror', ({ type }) => reportError(type));
sites.on('featuresloaderror', ({ type }) => reportError(type));

const map = new OpenLayersMap({
  target: 'map',
  view: new View({ center: fromLonLat([10, 30]), zoom: 1 }),
  layers: [
    new TileLayer({ source: terrain }),
    new VectorTileLayer({ source: countries }),
    new VectorLayer({ source: sites }),
  ],
});

onNextView(({ longitude, latitude, zoom }) => {
  map.getView().setCenter(fromLonLat([longitude, latitude]));
  map.getView().setZoom(zoom);
});
