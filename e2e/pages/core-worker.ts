/** A worker of the core: with the parts that the test's server names, and no other. */
import {
  activity,
  arcgisEnterprise,
  clientList,
  federation,
  IdentityWorker,
  keepalive,
  redirectReturn,
  sealedLevel,
  staticRoutes,
  strictCallback,
  tracing,
  webTier,
  type ArcGISEnterpriseOptions,
} from 'identity-worker/sw/core';

const parts = {
  activity,
  clientList,
  federation,
  keepalive,
  redirectReturn,
  sealedLevel,
  staticRoutes,
  strictCallback,
  tracing,
  webTier,
};

const { arcgis, names } = JSON.parse('__IDENTITY_CONFIG__') as {
  arcgis: ArcGISEnterpriseOptions[];
  names: (keyof typeof parts)[];
};

new IdentityWorker({
  portals: arcgis.map(arcgisEnterprise),
  parts: names.map((name) => parts[name]()),
}).listen();
