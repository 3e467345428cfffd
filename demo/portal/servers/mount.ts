// A server with the services: federated, hosted, or standalone.

export interface Mount {
  readonly server: 'server' | 'hosted' | 'alone';
  /** Absolute URL without `/rest/services`. */
  readonly root: string;
}
