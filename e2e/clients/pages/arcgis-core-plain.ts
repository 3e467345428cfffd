/** The control: the SDK without the helper. */
import esriConfig from '@arcgis/core/config.js';
import TileLayer from '@arcgis/core/layers/TileLayer.js';
import { reportError } from './app.js';
import './arcgis-core-observed.js';

esriConfig.assetsPath = '/assets';
await new TileLayer({ url: 'https://gis.example.org/server/rest/services/Terrain/MapServer' })
  .load()
  .catch(reportError);
