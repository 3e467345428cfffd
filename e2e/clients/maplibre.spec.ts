import { testClient } from './scenarios.js';

testClient({
  name: 'maplibre',
  requests: /Terrain\/MapServer\/tile/,
  refused: /could not be decoded/,
  offline: /Failed to fetch/,
  coloursOfFrame: 5,
});
