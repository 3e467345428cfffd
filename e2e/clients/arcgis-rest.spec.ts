import { testClient } from './scenarios.js';

testClient({
  name: 'arcgis-rest',
  requests: /Countries\/FeatureServer\/0\/query/,
  refused: /ArcGISAuthError: GWM_0003: Token Required/,
  forbidden: /GWM_0003: You do not have permissions/,
  offline: /Failed to fetch/,
});
