import esriConfig from '@arcgis/core/config.js';
import esriId from '@arcgis/core/identity/IdentityManager.js';
import FeatureLayer from '@arcgis/core/layers/FeatureLayer.js';
import MapImageLayer from '@arcgis/core/layers/MapImageLayer.js';
import TileLayer from '@arcgis/core/layers/TileLayer.js';
import Map from '@arcgis/core/Map.js';
import esriRequest from '@arcgis/core/request.js';
import MapView from '@arcgis/core/views/MapView.js';
import { connectArcGISCore } from 'identity-worker/arcgis-core';
import { identity, onNextView, reportError } from './app.js';
import './arcgis-core-observed.js';

esriConfig.assetsPath = '/assets';
connectArcGISCore(identity, { esriConfig, esriId });

const services = 'https://gis.example.org/server/rest/services';
const layers = [
  new TileLayer({ url: `${services}/Terrain/MapServer` }),
  new MapImageLayer({ url: `${services}/Terrain/MapServer`, opacity: 0.3 }),
  new FeatureLayer({ url: `${services}/Sites/FeatureServer/0`, outFields: ['*'] }),
];
const view = new MapView({
  container: 'map',
  map: new Map({ layers }),
  center: [10, 30],
  zoom: 1,
  ui: { components: [] },
});
for (const layer of layers) layer.load().catch(reportError);

onNextView(({ longitude, latitude, zoom }) => {
  void view.goTo({ center: [longitude, latitude], zoom }, { animate: false }).catch(reportError);
  // The SDK reports no tile that did not come, but what the app requests.
  const query = { f: 'json', where: '1=1', returnCountOnly: true, around: longitude };
  void esriRequest(`${services}/Countries/FeatureServer/0/query`, { query }).catch(reportError);
});
