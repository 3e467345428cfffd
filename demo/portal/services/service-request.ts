// Requests and responses of services, independent of the HTTP server.
import type { LayerEdits } from './features/layer-edits.js';

/** An authenticated and authorized request. */
export interface ServiceRequest {
  /** Path below `rest/services/`, for example `Countries/FeatureServer/0/query`. */
  path: string;
  method: string;
  /** Query and form parameters without the token. */
  params: URLSearchParams;
  /** Request headers by lower-case name. */
  headers: Record<string, string | undefined>;
  /** Absolute URL of `rest/services`, without a trailing slash, for links in JSON. */
  rootUrl: string;
  /** Name of the signed-in user, if any. */
  user?: string;
  /** The changes of features that the portal keeps. */
  edits: LayerEdits;
}

/** A complete response with lower-case header names. */
export interface ServiceResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | string;
}

/** Access to a service. The HTTP layer enforces it. */
type ServiceAccess = 'public' | 'signed-in' | 'private';

/** An entry of the services directory. */
export interface ServiceInfo {
  name: string;
  type: 'FeatureServer' | 'MapServer' | 'ImageServer' | 'VectorTileServer';
  access: ServiceAccess;
}

/** Handles the operations of one service; `rest` is the path below the service. */
export type ServiceHandler = (rest: string, request: ServiceRequest) => ServiceResponse | undefined;

/** A service with what handles its operations. */
export interface Service extends ServiceInfo {
  handle: ServiceHandler;
}
