import { testClient } from './scenarios.js';

testClient({
  name: 'maplibre-arcgis',
  requests: /Countries\/VectorTileServer\/tile/,
  refused: /Token Required|Unable to parse the tile/,
  forbidden: /ArcGIS\w+Error: GWM_0003: You do not have permissions/,
  offline: /Failed to fetch/,
  coloursOfFrame: 5,
  isLoadedOnce: true,
});
