import { ArcGisMapServerImageryProvider, Cartesian3, GeoJsonDataSource, ImageryLayer, Viewer } from 'cesium';
import 'cesium/Build/Cesium/Widgets/widgets.css';
import { identity, onNextView, reportError } from './app.js';

await identity.ready;
Object.assign(window, { CESIUM_BASE_URL: '/Cesium/' }); // where the app serves cesium/Build/Cesium

const services = 'https://gis.example.org/server/rest/services';
const terrain = ArcGisMapServerImageryProvider.fromUrl(`${services}/Terrain/MapServer`, {
  enablePickFeatures: false,
});
terrain.then(
  ({ errorEvent }) => errorEvent.addEventListener(({ message }: Error) => reportError(message)),
  reportError,
);

const viewer = new Viewer('map', {
  baseLayer: ImageryLayer.fromProviderAsync(terrain, {}),
  baseLayerPicker: false,
  geocoder: false,
  navigationHelpButton: false,
  animation: false,
  timeline: false,
  skyBox: false,
  skyAtmosphere: false,
  requestRenderMode: true,
  msaaSamples: 1,
});
GeoJsonDataSource.load(`${services}/Sites/FeatureServer/0/query?where=1%3D1&outFields=*&f=geojson`).then(
  (sites) => viewer.dataSources.add(sites),
  reportError,
);

onNextView(({ longitude, latitude }) =>
  viewer.camera.setView({ destination: Cartesian3.fromDegrees(longitude, latitude, 2_000_000) }),
);
