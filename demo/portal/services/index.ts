// The interface of the map services.
export { handleService, ServiceCatalogue, services } from './catalogue.js';
export { ownServices, InvalidService, type OwnService } from './own-service.js';
export { LayerEdits } from './features/layer-edits.js';
export { thumbnailPng } from './pictures/thumbnail.js';
export type { ServiceResponse, ServiceInfo, ServiceRequest } from './service-request.js';
