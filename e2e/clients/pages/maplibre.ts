import { Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { identity, onNextView, reportError } from './app.js';

await identity.ready;
setWorkerUrl(workerUrl);

const services = 'https://gis.example.org/server/rest/services';
const map = new MapLibreMap({
  container: 'map',
  center: [10, 30],
  zoom: 0,
  fadeDuration: 0,
  style: {
    version: 8,
    sources: {
      terrain: {
        type: 'raster',
        tiles: [`${services}/Terrain/MapServer/tile/{z}/{y}/{x}`],
        tileSize: 256,
        maxzoom: 12,
      },
      countries: {
        type: 'vector',
        tiles: [`${services}/Countries/VectorTileServer/tile/{z}/{y}/{x}.pbf`],
        maxzoom: 8,
      },
      sites: {
        type: 'geojson',
        data: `${services}/Sites/FeatureServer/0/query?where=1%3D1&outFields=*&f=geojson`,
      },
    },
    layers: [
      { id: 'terrain', type: 'raster', source: 'terrain' },
      { id: 'borders', type: 'line', source: 'countries', 'source-layer': 'borders' },
      { id: 'sites', type: 'circle', source: 'sites' },
    ],
  },
});
map.on('error', ({ error }) => reportError(error));

onNextView(({ longitude, latitude, zoom }) => map.jumpTo({ center: [longitude, latitude], zoom }));
