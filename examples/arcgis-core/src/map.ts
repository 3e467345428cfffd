import FeatureLayer from '@arcgis/core/layers/FeatureLayer.js';
import TileLayer from '@arcgis/core/layers/TileLayer.js';
import Map from '@arcgis/core/Map.js';
import MapView from '@arcgis/core/views/MapView.js';

const services = 'https://gis.example.org/server/rest/services';

/** Draws the layers, which know nothing of a sign-in. */
export function createMap(): void {
  const sites = new FeatureLayer({ url: `${services}/Sites/FeatureServer/0` });
  const layers = [new TileLayer({ url: `${services}/Terrain/MapServer` }), sites];
  void new MapView({ container: 'map', map: new Map({ layers }), center: [10, 30], zoom: 1 }).when();
  sites.queryFeatureCount().then((count) => {
    document.querySelector('output')!.textContent = `${count} sites`;
  }, reportError);
}
