import { testClient } from './scenarios.js';

testClient({
  name: 'cesium',
  requests: /Terrain\/MapServer\/tile/,
  refused: /Failed to obtain image tile/,
  forbidden: /Unsupported GeoJSON object/,
  offline: /Failed to obtain image tile/,
  coloursOfFrame: 24,
});
