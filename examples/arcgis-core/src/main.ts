import esriConfig from '@arcgis/core/config.js';
import esriId from '@arcgis/core/identity/IdentityManager.js';
import { IdentityManager } from 'identity-worker';
import { connectArcGISCore } from 'identity-worker/arcgis-core';
import { type, worker } from 'virtual:identity-worker';
import { createMap } from './map.js';

const identity = IdentityManager.instance({ worker, type });
connectArcGISCore(identity, { esriConfig, esriId });
await identity.ready; // from here on every request to the portal is signed

createMap();
