// What a service is asked and what it answers, free of any HTTP server.

/** A request that has already passed authentication and authorization. */
export interface ServiceRequest {
  /** What follows `rest/services/`, without a leading slash, e.g. `Countries/FeatureServer/0/query`. */
  path: string;
  method: string;
  /** Query and form parameters merged; the token is already taken out. */
  params: URLSearchParams;
  /** Request headers by lower-case name. */
  headers: Record<string, string | undefined>;
  /** Absolute URL of `rest/services`, without a trailing slash, for links inside JSON. */
  rootUrl: string;
  /** Name of the signed-in user, if any. */
  user?: string;
}

/** A complete answer; header names are lower-case. */
export interface ServiceAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | string;
}

/** Who may read a service. The HTTP side enforces it. */
type ServiceAccess = 'public' | 'signed-in' | 'private';

/** One line of the services catalogue. */
export interface ServiceInfo {
  name: string;
  type: 'FeatureServer' | 'MapServer' | 'ImageServer' | 'VectorTileServer';
  access: ServiceAccess;
}

/** Answers one operation of one service; `rest` is the path below the service. */
export type ServiceHandler = (rest: string, request: ServiceRequest) => ServiceAnswer | undefined;
