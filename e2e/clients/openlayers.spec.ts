import { testClient } from './scenarios.js';

testClient({
  name: 'openlayers',
  requests: /Terrain\/MapServer/,
  refused: /^tileloaderror/,
  forbidden: /^featuresloaderror/,
  offline: /^tileloaderror/,
  coloursOfFrame: 5,
});
