import { testClient } from './scenarios.js';

testClient({
  name: 'leaflet',
  requests: /Terrain\/MapServer\/tile/,
  refused: /tileerror|Token Required|permissions/,
  offline: /tileerror/,
});
