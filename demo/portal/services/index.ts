// What the portal's HTTP side uses of the map services.
export { answerService, services } from './catalogue.js';
export { thumbnailPng } from './pictures/thumbnail.js';
export type { ServiceAnswer, ServiceInfo, ServiceRequest } from './service-request.js';
