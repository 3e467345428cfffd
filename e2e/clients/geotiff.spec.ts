import { testClient } from './scenarios.js';

testClient({
  name: 'geotiff',
  requests: /\/Archives\/heights\.tif/,
  refused: /Server responded with full file/,
  forbidden: /Server responded with full file/,
  offline: /Failed to fetch/,
  coloursOfFrame: 5,
});
