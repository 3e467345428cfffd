import { testClient } from './scenarios.js';

testClient({
  name: 'deckgl',
  requests: /Terrain\/MapServer\/tile/,
  refused: /GeoJSON does not have type|Unimplemented type/,
  forbidden: /GeoJSON does not have type/,
  offline: /Failed to fetch/,
  coloursOfFrame: 5,
});
