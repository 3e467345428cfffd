/** Which edits depend on each other's order. */
import { expect, test } from 'vitest';
import { serviceOf } from './edit-service.js';

test.each([
  ['/server/rest/services/Trees/FeatureServer/0/applyEdits', '/server/rest/services/Trees/FeatureServer'],
  [
    '/server/rest/services/Trees/FeatureServer/1/7/addAttachment',
    '/server/rest/services/Trees/FeatureServer',
  ],
  ['/server/rest/services/Trees/FeatureServer/applyEdits', '/server/rest/services/Trees/FeatureServer'],
  ['/rest/services/Parks/Trees/featureserver/0', '/rest/services/Parks/Trees/featureserver'],
  ['/portal/sharing/rest/content/users/ana/addItem', ''],
  ['/v1/trees/7', ''],
])('%s', (path, service) => {
  expect(serviceOf(new URL(`https://gis.example.org${path}?f=json`))).toBe(
    `https://gis.example.org${service}`,
  );
});
