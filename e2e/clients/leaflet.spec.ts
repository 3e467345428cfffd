import { testClient } from './scenarios.js';

testClient({
  name: 'leaflet',
  requests: /Terrain\/MapServer\/tile/,
  refused: /^tileerror/,
  forbidden: /permissions/,
  offline: /^tileerror/,
  coloursOfFrame: 12,
});
