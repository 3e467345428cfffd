import { testClient } from './scenarios.js';
import { test } from './fixtures.js';

test.use({ isPortalSecure: true });

testClient({
  name: 'arcgis-core',
  requests: /Terrain\/MapServer\/(tile|export)/,
  refused: /Token Required|permissions/,
  offline: /fetch|load/,
});
