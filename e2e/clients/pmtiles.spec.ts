import { testClient } from './scenarios.js';

testClient({
  name: 'pmtiles',
  requests: /\/Archives\/countries\.pmtiles/,
  refused: /./,
  forbidden: /Wrong magic number for PMTiles archive/,
  offline: /Failed to fetch/,
  coloursOfFrame: 2,
  isLoadedOnce: true,
});
