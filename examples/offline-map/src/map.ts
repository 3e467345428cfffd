import { Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';

const services = 'https://gis.example.org/server/rest/services';
export const terrain = `${services}/Terrain/MapServer`;

/** Draws the layers, which know nothing of a sign-in. */
export function createMap(shown: (sites: number) => void): void {
  setWorkerUrl(workerUrl);
  const map = new MapLibreMap({
    container: 'map',
    center: [10, 30],
    zoom: 0,
    style: {
      version: 8,
      sources: {
        terrain: { type: 'raster', tiles: [`${terrain}/tile/{z}/{y}/{x}`], tileSize: 256, maxzoom: 12 },
        sites: {
          type: 'geojson',
          data: `${services}/Sites/FeatureServer/0/query?where=1%3D1&outFields=*&f=geojson`,
        },
      },
      layers: [
        { id: 'terrain', type: 'raster', source: 'terrain' },
        { id: 'sites', type: 'circle', source: 'sites' },
      ],
    },
  });
  map.on('idle', () => shown(map.queryRenderedFeatures({ layers: ['sites'] }).length));
}
