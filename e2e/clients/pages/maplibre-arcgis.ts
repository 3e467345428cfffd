import { FeatureLayer, VectorTileLayer } from '@esri/maplibre-arcgis';
import { Map as MapLibreMap } from 'maplibre-gl-5';
import 'maplibre-gl-5/dist/maplibre-gl.css';
import { identity, onNextView, reportError } from './app.js';

await identity.ready;

const services = 'https://gis.example.org/server/rest/services';
const map = new MapLibreMap({
  container: 'map',
  center: [10, 30],
  zoom: 0,
  fadeDuration: 0,
  style: { version: 8, sources: {}, layers: [] },
});
map.on('error', ({ error }) => reportError(error));
await map.once('load');

for (const layer of [
  VectorTileLayer.fromUrl(`${services}/Countries/VectorTileServer`),
  FeatureLayer.fromUrl(`${services}/Sites/FeatureServer/0`),
])
  layer.then((loaded) => loaded.addSourcesAndLayersTo(map), reportError);

onNextView(({ longitude, latitude, zoom }) => map.jumpTo({ center: [longitude, latitude], zoom }));
