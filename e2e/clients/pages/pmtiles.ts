import { addProtocol, Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { Protocol } from 'pmtiles';
import { identity, onNextView, reportError } from './app.js';

await identity.ready;
setWorkerUrl(workerUrl);
addProtocol('pmtiles', new Protocol().tile);

const services = 'https://gis.example.org/server/rest/services';
const map = new MapLibreMap({
  container: 'map',
  center: [10, 30],
  zoom: 0,
  fadeDuration: 0,
  style: {
    version: 8,
    sources: {
      countries: { type: 'vector', url: `pmtiles://${services}/Archives/countries.pmtiles` },
      more: { type: 'vector', url: `pmtiles://${services}/PrivateArchives/countries.pmtiles` },
    },
    layers: [
      {
        id: 'countries',
        type: 'fill',
        source: 'countries',
        'source-layer': 'countries',
        paint: {
          'fill-color': ['interpolate', ['linear'], ['%', ['get', 'OBJECTID'], 20], 0, '#306', 20, '#fd6'],
        },
      },
      { id: 'borders', type: 'line', source: 'more', 'source-layer': 'borders' },
    ],
  },
});
map.on('error', ({ error }) => reportError(error));

onNextView(({ longitude, latitude, zoom }) => map.jumpTo({ center: [longitude, latitude], zoom: zoom - 2 }));
